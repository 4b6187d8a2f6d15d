// The test sentences with what each model answered; only one page of them stands in the document.

const PAGE_SIZE = 20;
const SHOWN_AT_FIRST = 4;
const ANY = "*";
const NO_PERCENT = 255;
const OUTCOMES = [
  [ANY, "any"],
  ["disagree", "models disagree"],
  ["wrong", "wrong (all chosen)"],
  ["some", "wrong (at least one)"],
  ["right", "right (all chosen)"],
  ["seeds", "runs of a model disagree"],
  ["unscored", "unscored (at least one)"],
];
const ORDERS = [
  ["document", "as in the documents"],
  ["wrong", "most models wrong first"],
  ["sure", "surest wrong answer first"],
];

VIEWS.errors = {
  fill() {
    options("errors.setting", DATA.settings.map((setting, i) => [String(i), setting.title]));
    const { setting, test } = chosen();
    const models = setting.models.map((model) => [model.name, model.name]);
    options("errors.model", [[ANY, "all shown"], ...models]);
    options("errors.right", [[ANY, "no condition"], ...models]);
    options("errors.outcome", OUTCOMES);
    options("errors.gold", [[ANY, "any"], ...LABELS.map((label) => [label, label])]);
    options("errors.target", [[ANY, "any"], ...names(test.target)]);
    options("errors.genre", [[ANY, "any"], ...names(test.genre ?? [])]);
    const tags = unique((test.tags ?? []).flatMap((place) => string(place).split("\n"))).filter(Boolean).sort();
    options("errors.tag", [[ANY, "any"], ...tags.map((tag) => [tag, tag])]);
    options("errors.order", ORDERS);
    defaults.set("errors.page", "1");
    defaults.set("errors.models", models.slice(0, SHOWN_AT_FIRST).map(([name]) => name).join(","));
    fillModels(setting);
  },
  render() {
    const view = chosen();
    const found = ordered(view, filtered(view));
    const pages = Math.max(1, Math.ceil(found.length / PAGE_SIZE));
    const page = Math.min(Math.max(1, Number(get("errors.page")) || 1), pages);
    byId("errors-missing").hidden = !view.setting.missing;
    byId("errors-missing").textContent = `The texts are not at hand: ${view.setting.missing}.`;
    byId("errors-status").textContent = statusWords(view, found);
    byId("errors-summary").replaceChildren(...summaryTable(view, found));
    for (const pager of document.querySelectorAll(".pager")) drawPager(pager, page, pages);
    const shown = found.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE);
    byId("errors-list").replaceChildren(...shown.map((i) => make("li", {}, card(view, i))));
    focusWhereCut();
  },
};

/** Let the keyboard reach the tables that scroll, and only these: a page of cards has many. */
function focusWhereCut() {
  const regions = [...document.querySelectorAll(".card .scroll")];
  const cut = regions.map((region) => region.scrollWidth > region.clientWidth); // all before any is changed
  regions.forEach((region, i) => (cut[i] ? region.setAttribute("tabindex", "0") : region.removeAttribute("tabindex")));
}
window.addEventListener("resize", focusWhereCut);

const names = (places) => unique(places).map(string).sort().map((name) => [name, name]);

function fillModels(setting) {
  const shown = new Set(get("errors.models").split(","));
  const boxes = setting.models.map((model) =>
    make("label", {}, make("input", { type: "checkbox", value: model.name, checked: shown.has(model.name) && "" , onchange: chooseModels }), model.name));
  const field = byId("errors-models");
  const focused = field.contains(document.activeElement) && document.activeElement.value;
  field.replaceChildren(field.querySelector("legend"), ...boxes);
  if (focused) field.querySelector(`[value="${CSS.escape(focused)}"]`)?.focus();
}

function chooseModels() {
  const boxes = [...byId("errors-models").querySelectorAll("input")];
  update({ "errors.models": boxes.filter((box) => box.checked).map((box) => box.value).join(","), "errors.page": "1" });
}

// ---- answers

/** Each setting's answers, decoded when it is first looked at. */
const decoded = new Map();

function chosen() {
  const place = Number(get("errors.setting")) || 0;
  const setting = DATA.settings[place];
  if (!decoded.has(place)) decoded.set(place, setting.answers.map((fits) => decode(fits)));
  const shown = get("errors.models").split(",");
  const models = setting.models.map((model, i) => ({ name: model.name, ...decoded.get(place)[i] }));
  return { setting, test: DATA.tests[setting.test], models, shown: models.filter((m) => shown.includes(m.name)) };
}

function decode(fits) {
  const digits = fits.map((fit) => fit.predicted);
  const answers = Uint8Array.from({ length: digits[0].length }, (_, i) => most(digits, i));
  const percents = fits.filter((fit) => fit.percents).map((fit) => Uint8Array.from(atob(fit.percents), (c) => c.charCodeAt(0)));
  return { fits, answers, percents };
}

/** Return what most of several strings have at a place, the first one's digit on a tie. */
function most(digits, place) {
  const votes = [0, 0, 0, 0];
  for (const each of digits) votes[each[place]] += 1;
  const top = Math.max(...votes);
  return Number(digits.find((each) => votes[each[place]] === top)[place]);
}

const votesOf = (model, i) => model.fits.filter((fit) => Number(fit.predicted[i]) === model.answers[i]).length;

/** Return the mean probability of a label, in percent; null where the model gives none. */
function percent(model, i, label) {
  const given = model.percents.map((bytes) => bytes[LABELS.length * i + label]).filter((p) => p !== NO_PERCENT);
  return given.length ? sum(given) / given.length : null;
}

// ---- filters

function filtered(view) {
  const { test, models } = view;
  const considered = get("errors.model") === ANY ? view.shown : models.filter((m) => m.name === get("errors.model"));
  const right = models.find((m) => m.name === get("errors.right"));
  const conditions = [
    outcomeTest(get("errors.outcome"), considered, view.shown, test.gold),
    right && ((i) => right.answers[i] === Number(test.gold[i])),
    sameAs("errors.gold", (i) => LABELS[test.gold[i]]),
    sameAs("errors.target", (i) => string(test.target[i])),
    sameAs("errors.genre", (i) => test.genre && string(test.genre[i])),
    get("errors.tag") !== ANY && ((i) => string(test.tags[i]).split("\n").includes(get("errors.tag"))),
    textTest(test, get("errors.text").trim().toLowerCase()),
  ].filter(Boolean);
  return [...test.ids.keys()].filter((i) => conditions.every((holds) => holds(i)));
}

const sameAs = (key, value) => get(key) !== ANY && ((i) => value(i) === get(key));

function outcomeTest(outcome, considered, shown, gold) {
  const right = (model, i) => model.answers[i] === Number(gold[i]);
  return {
    disagree: (i) => considered.some((m) => shown.some((other) => other.answers[i] !== m.answers[i])),
    wrong: (i) => considered.length > 0 && considered.every((m) => !right(m, i)),
    some: (i) => considered.some((m) => !right(m, i)),
    right: (i) => considered.length > 0 && considered.every((m) => right(m, i)),
    seeds: (i) => considered.some((m) => votesOf(m, i) < m.fits.length),
    unscored: (i) => considered.some((m) => m.fits.some((fit) => Number(fit.predicted[i]) === UNSCORED)),
  }[outcome];
}

function textTest(test, wanted) {
  if (!wanted) return null;
  const found = DATA.strings.map((text) => text.toLowerCase().includes(wanted));
  const columns = [test.text, test.context, test.holder, test.document].filter(Boolean);
  return (i) => columns.some((column) => found[column[i]]);
}

function ordered({ test, shown }, found) {
  const wrong = (model, i) => model.answers[i] !== Number(test.gold[i]);
  const sureness = (i) => Math.max(0, ...shown.map((m) => (wrong(m, i) && m.answers[i] !== UNSCORED && percent(m, i, m.answers[i])) || 0));
  const weight = { wrong: (i) => shown.filter((m) => wrong(m, i)).length, sure: sureness }[get("errors.order")];
  if (!weight) return found;
  return found.map((i) => [weight(i), i]).sort((a, b) => b[0] - a[0] || a[1] - b[1]).map(([, i]) => i);
}

// ---- drawing

function statusWords({ test }, found) {
  const gold = LABELS.map((label, code) => `${count(found.filter((i) => Number(test.gold[i]) === code).length)} ${label}`);
  return `${count(found.length)} of ${count(test.ids.length)} test pairs; gold ${gold.join(", ")}.`;
}

/** What the shown models answered on the pairs found. */
function summaryTable({ test, shown }, found) {
  const head = ["model", "right", ...LABELS.map((label) => `answered ${label}`), "unscored", "n"];
  const rows = shown.map((model) => {
    const answered = [...LABELS, "unscored"].map((_, code) => found.filter((i) => model.answers[i] === code).length);
    const right = found.filter((i) => model.answers[i] === Number(test.gold[i])).length;
    return make("tr", {}, make("th", { scope: "row" }, model.name), [count(right), ...answered.map(count), count(found.length)].map((text) => make("td", {}, text)));
  });
  return [
    make("caption", {}, "Answers on the pairs found"),
    make("thead", {}, make("tr", {}, head.map((text) => make("th", { scope: "col" }, text)))),
    make("tbody", {}, rows),
  ];
}

function drawPager(pager, page, pages) {
  const step = (text, to) =>
    make("button", { type: "button", disabled: to < 1 || to > pages || to === page ? "" : null, onclick: () => turnTo(pager, text, to) }, text);
  pager.replaceChildren(step("First", 1), step("Previous", page - 1), make("span", {}, `Page ${page} of ${pages}`), step("Next", page + 1), step("Last", pages));
}

/** Show a page and keep the focus on the button, or on one that still works. */
function turnTo(pager, text, page) {
  update({ "errors.page": String(page) });
  const buttons = [...pager.querySelectorAll("button")];
  const same = buttons.find((button) => button.textContent === text && !button.disabled);
  (same ?? buttons.find((button) => !button.disabled))?.focus({ preventScroll: true });
  document.querySelector(".pager").scrollIntoView();
}

function card(view, i) {
  const { test } = view;
  const edits = (test.edits ?? []).map((edit, at) => [...edit, at]).filter(([original]) => original === i);
  return make("article", { class: "card", "aria-label": `${string(test.target[i])}, gold ${LABELS[test.gold[i]]}` },
    make("div", {}, sentence(test, i), facts(test, i), edits.map(([, text, gold]) => editWords(text, gold))),
    answersTable(view, i, edits));
}

function sentence(test, i) {
  if (!test.text) return make("p", { class: "sentence" }, make("code", {}, test.ids[i]));
  const context = string(test.context[i]);
  return [
    context ? make("p", { class: "context" }, make("span", { class: "hidden" }, "Context: "), marked(context)) : null,
    make("p", { class: "sentence" }, marked(string(test.text[i]))),
  ];
}

/** Return a text with what was searched for marked. */
function marked(text) {
  const wanted = get("errors.text").trim().toLowerCase();
  const lower = text.toLowerCase();
  if (!wanted || lower.length !== text.length) return [text];
  const parts = [];
  let from = 0;
  for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, from)) {
    parts.push(text.slice(from, at), make("mark", {}, text.slice(at, at + wanted.length)));
    from = at + wanted.length;
  }
  return [...parts, text.slice(from)];
}

function facts(test, i) {
  const known = [
    ["target", string(test.target[i])],
    ["gold", stance(Number(test.gold[i]))],
    ["holder", test.holder && string(test.holder[i])],
    ["genre", test.genre && string(test.genre[i])],
    ["tags", test.tags && string(test.tags[i]).replaceAll("\n", ", ")],
    ["id", make("code", {}, test.ids[i])],
  ].filter(([, value]) => value);
  return make("dl", {}, known.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))));
}

const stance = (code) => make("span", { class: LABELS[code] }, LABELS[code]);
const editWords = (text, gold) => make("p", { class: "edit" }, make("strong", {}, "Edited: "), marked(string(text)), " Gold: ", stance(gold));

function answersTable({ test, shown }, i, edits) {
  const head = ["model", "answer", ...LABELS, ...edits.map(() => "edit")].map((text, at) => make("th", { scope: "col", class: at < 2 ? "words" : null }, text));
  const rows = shown.map((model) => {
    const votes = votesOf(model, i) < model.fits.length ? ` (${votesOf(model, i)}/${model.fits.length})` : "";
    const probabilities = LABELS.map((_, label) => probabilityCell(percent(model, i, label)));
    const edited = edits.map(([, , gold, at]) => make("td", {}, verdict(most(model.fits.map((fit) => fit.edited), at), gold)));
    return make("tr", {}, make("th", { scope: "row" }, model.name), make("td", { class: "words" }, verdict(model.answers[i], Number(test.gold[i])), votes), probabilities, edited);
  });
  const label = `Answers on ${test.ids[i]}`;
  return make("div", { class: "scroll", role: "region", "aria-label": label },
    make("table", {}, make("caption", { class: "hidden" }, label), make("thead", {}, make("tr", {}, head)), make("tbody", {}, rows)));
}

function verdict(answer, gold) {
  const kind = answer === UNSCORED ? "missed" : answer === gold ? "right" : "wrong";
  const word = answer === UNSCORED ? "unscored" : LABELS[answer];
  return make("span", { class: kind }, make("span", { class: LABELS[answer] ?? "none" }, word), make("span", { class: "hidden" }, `, ${kind}`));
}

function probabilityCell(value) {
  const cell = make("td", { class: value === null ? null : "bar" }, value === null ? "–" : `${Math.round(value)} %`);
  if (value !== null) cell.style.setProperty("--share", `${value}%`);
  return cell;
}
