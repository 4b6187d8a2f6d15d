// The matrix of paired tests: every model of a setting against every other, with a cell's figures below.

/** Where each figure stands in a pair (stancebench.report.page.pairs.as_columns). */
const PAIR = {
  first: 0, second: 1, fitsFirst: 2, fitsSecond: 3, scoreFirst: 4, scoreSecond: 5, difference: 6, low: 7, high: 8,
  standardised: 9, detectable: 10, documents: 11, documentsHolm: 12, seeds: 13, seedsHolm: 14,
};
const SIGNIFICANT = 0.05;

/** The mark of a difference that is told from chance, and of one that is not. */
const told = (p) => (p <= SIGNIFICANT ? " *" : " =");

/** Return the p value that counts most in: over seeds where they can tell, else over documents. */
const strictest = (pair) => pair[PAIR.seedsHolm] ?? pair[PAIR.documentsHolm];

VIEWS.pairs = {
  fill() {
    options("pairs.setting", DATA.settings.map((setting, i) => [String(i), setting.title]));
    options("pairs.p", [["documents", "documents"], ["seeds", "documents and seeds"]]);
  },
  render() {
    const setting = DATA.settings[Number(get("pairs.setting"))];
    const names = setting.models.slice(0, DATA.most_models).map((model) => model.name);
    const left = setting.models.length - names.length;
    const caption = `${names.length} models, best first` + (left ? `; ${left} more are not compared` : "");
    const head = make("tr", {}, make("td"), names.map((name) => make("th", { scope: "col" }, breakable(name))));
    const rows = names.map((name, i) =>
      make("tr", {}, make("th", { scope: "row" }, breakable(name)), names.map((_, j) => matrixCell(setting, i, j))));
    byId("matrix").replaceChildren(make("caption", {}, caption), make("thead", {}, head), make("tbody", {}, rows));
    const cells = byId("matrix").querySelectorAll("td[data-pair]");
    if (cells.length) cells[0].tabIndex = 0;
    byId("pairs-detail").replaceChildren();
  },
};

/** Return a name that may break after its hyphens and underscores. */
const breakable = (name) => name.split(/(?<=[-_])/).flatMap((part, i) => (i ? [make("wbr"), part] : [part]));

/** Return the comparison of models i and j as i minus j. */
function pairOf(setting, i, j) {
  const found = setting.pairs.find((p) => p[PAIR.first] === Math.min(i, j) && p[PAIR.second] === Math.max(i, j));
  if (!found || i < j) return found ?? null;
  const turned = [...found];
  [turned[PAIR.first], turned[PAIR.second]] = [i, j];
  [turned[PAIR.fitsFirst], turned[PAIR.fitsSecond]] = [found[PAIR.fitsSecond], found[PAIR.fitsFirst]];
  [turned[PAIR.scoreFirst], turned[PAIR.scoreSecond]] = [found[PAIR.scoreSecond], found[PAIR.scoreFirst]];
  [turned[PAIR.low], turned[PAIR.high]] = [-found[PAIR.high], -found[PAIR.low]];
  turned[PAIR.difference] = -found[PAIR.difference];
  turned[PAIR.standardised] = -found[PAIR.standardised];
  return turned;
}

function matrixCell(setting, i, j) {
  if (i === j) return make("td", { class: "self", tabindex: "-1" }, "·");
  const pair = pairOf(setting, i, j);
  if (!pair) return make("td", { class: "self", tabindex: "-1" }, "–");
  const p = pair[get("pairs.p") === "seeds" ? PAIR.seedsHolm : PAIR.documentsHolm];
  const kind = p === null ? "untold" : p > SIGNIFICANT ? "untold" : pair[PAIR.difference] > 0 ? "better" : "worse";
  const show = (event) => showPair(setting, pair, event.currentTarget);
  return make("td", { class: kind, tabindex: "-1", "data-pair": `${i},${j}`, "aria-selected": "false", onclick: show, onfocus: show },
    signed(pair[PAIR.difference]) + (p === null ? "" : told(p)));
}

function showPair(setting, pair, cell) {
  for (const other of byId("matrix").querySelectorAll('[aria-selected="true"]')) other.setAttribute("aria-selected", "false");
  for (const other of byId("matrix").querySelectorAll('td[tabindex="0"]')) other.tabIndex = -1;
  cell.setAttribute("aria-selected", "true");
  cell.tabIndex = 0;
  const [first, second] = [setting.models[pair[PAIR.first]], setting.models[pair[PAIR.second]]];
  const [slice] = setting.slices;
  const fits = (n) => `${n} ${n === 1 ? "run or draw" : "runs or draws"}`;
  const seedWords = pair[PAIR.seedsHolm] === null
    ? "one seed cannot tell"
    : `${pValue(pair[PAIR.seedsHolm])} (alone ${pValue(pair[PAIR.seeds])})`;
  const facts = [
    [first.name, `${pair[PAIR.scoreFirst].toFixed(3)}, ${fits(pair[PAIR.fitsFirst])}`],
    [second.name, `${pair[PAIR.scoreSecond].toFixed(3)}, ${fits(pair[PAIR.fitsSecond])}`],
    ["difference", `${signed(pair[PAIR.difference])} [${signed(pair[PAIR.low])}, ${signed(pair[PAIR.high])}]`],
    ["p over documents, corrected", `${pValue(pair[PAIR.documentsHolm])} (alone ${pValue(pair[PAIR.documents])})`],
    ["p over seeds, corrected", seedWords],
    ["in standard deviations between documents", signed(pair[PAIR.standardised])],
    ["detectable", pair[PAIR.detectable].toFixed(3)],
    ["n", `${count(sum(slice[SLICE.gold]))} pairs, ${slice[SLICE.documents]} documents`],
  ];
  byId("pairs-detail").replaceChildren(
    make("strong", {}, `${first.name} minus ${second.name}`),
    make("dl", {}, facts.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value)))),
  );
}

const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

byId("matrix").addEventListener("keydown", (event) => {
  const cell = event.target.closest("td");
  if (!cell || !(event.key in STEPS || event.key === "Home" || event.key === "End")) return;
  event.preventDefault();
  const rows = [...byId("matrix").tBodies[0].rows].map((row) => [...row.cells].slice(1));
  const i = rows.findIndex((row) => row.includes(cell));
  const j = rows[i].indexOf(cell);
  if (event.key === "Home" || event.key === "End") {
    const ends = rows[i].filter((c) => c.dataset.pair);
    (event.key === "Home" ? ends[0] : ends.at(-1)).focus();
    return;
  }
  let [y, x] = [i, j];
  do {
    y += STEPS[event.key][0];
    x += STEPS[event.key][1];
  } while (rows[y]?.[x] && !rows[y][x].dataset.pair); // over the diagonal
  rows[y]?.[x]?.focus();
});
