// The leaderboard: one row for each model of each setting that the filters leave, on one slice of its test part.

const protocolOf = (setting) => setting.protocol + (setting.fold ? `, ${setting.fold}` : "");
const unique = (values) => [...new Set(values)];
const SLICE = { genre: 0, group: 1, documents: 2, gold: 3, edits: 4, leastGold: 5, leastEdits: 6 };

VIEWS.board = {
  fill() {
    const all = [["*", "all"]];
    const named = (names) => names.map((name) => [name, name]);
    options("board.protocol", [...named(unique(DATA.settings.map(protocolOf))), ...all]);
    options("board.dataset", [...all, ...named(unique(DATA.settings.map((s) => s.dataset)))]);
    const slices = boardSettings().flatMap((setting) => setting.slices);
    const groups = unique(slices.map((slice) => slice[SLICE.group]));
    options("board.target", groups.map((name) => [name, groupTitle(name)]));
    const genres = unique(slices.map((slice) => slice[SLICE.genre])).sort();
    options("board.genre", genres.map((name) => [name, name || "all genres"]));
    options("board.columns", COLUMN_SETS);
    defaults.set("board.sort", "-macro_f1");
  },
  render() {
    const columns = boardColumns();
    const rows = sorted(boardRows(), columns);
    byId("board").replaceChildren(boardHead(columns, rows), boardBody(columns, rows));
    describeBoard(rows);
  },
};

const groupTitle = (name) =>
  ({ [DATA.pooled]: "all targets, pooled", [DATA.mean]: "mean over targets" })[name] ?? name;

function boardSettings() {
  const [protocol, dataset] = [get("board.protocol"), get("board.dataset")];
  return DATA.settings.filter(
    (s) => (protocol === "*" || protocolOf(s) === protocol) && (dataset === "*" || s.dataset === dataset),
  );
}

function boardRows() {
  const wanted = get("board.model").trim().toLowerCase();
  return boardSettings().flatMap((setting) => {
    const place = setting.slices.findIndex(
      (s) => s[SLICE.genre] === get("board.genre") && s[SLICE.group] === get("board.target"),
    );
    if (place < 0) return [];
    return setting.models
      .map((model, i) => ({ setting, model, i, place, slice: setting.slices[place] }))
      .filter((row) => row.model.name.toLowerCase().includes(wanted));
  });
}

// ---- drawing

/** Return the column to sort by and 1 or -1 (descending); of other columns than were chosen, the first figure. */
function sortOrder(columns) {
  const chosen = columns.find((column) => column.key === get("board.sort").replace(/^-/, ""));
  if (chosen) return { column: chosen, sign: get("board.sort").startsWith("-") ? -1 : 1 };
  const column = columns.find((c) => c.plot !== undefined) ?? columns[0];
  return { column, sign: column.words ? 1 : -1 };
}

function sorted(rows, columns) {
  const { column, sign } = sortOrder(columns);
  const compare = (a, b) => (typeof a === "string" ? a.localeCompare(b) : a - b);
  return [...rows].sort((a, b) => {
    const [x, y] = [column.value(a), column.value(b)];
    if (x === null || y === null) return (x === null) - (y === null);
    return sign * compare(x, y);
  });
}

function boardHead(columns, rows) {
  const current = sortOrder(columns);
  const cells = columns.flatMap((column) => {
    const order = column !== current.column ? null : current.sign < 0 ? "descending" : "ascending";
    const ascends = order === null ? column.words || column.lower : order === "descending";
    const next = (ascends ? "" : "-") + column.key;
    const button = make("button", { type: "button", onclick: () => sortBy(next) }, column.title);
    const head = make("th", { scope: "col", "aria-sort": order, class: column.words ? "words" : null, "data-column": column.key }, button);
    return column.plot ? [head, make("th", { scope: "col" }, axisTitle(rows))] : [head];
  });
  return make("thead", {}, make("tr", {}, cells));
}

function sortBy(order) {
  update({ "board.sort": order });
  byId("board").querySelector(`[data-column="${CSS.escape(order.replace(/^-/, ""))}"] button`).focus();
}

function boardBody(columns, rows) {
  const range = plotRange(rows);
  return make("tbody", {}, rows.map((row) => make("tr", {}, columns.flatMap((column, i) => {
    const attributes = { class: column.words ? "words" : null };
    const cell = i === 0 ? make("th", { scope: "row" }, column.cell(row)) : make("td", attributes, column.cell(row));
    return column.plot ? [cell, make("td", { class: "plot" }, intervalPlot(row, range))] : [cell];
  }))));
}

/** Return the least and the greatest tenth that all intervals lie between, in thousandths. */
function plotRange(rows) {
  const ends = rows.flatMap((row) => row.model.scores.macro_f1[row.place] ?? []);
  if (!ends.length) return [0, 1000];
  return [Math.floor(Math.min(...ends) / 100) * 100, Math.max(Math.ceil(Math.max(...ends) / 100) * 100, 100)];
}

function axisTitle(rows) {
  const [low, high] = plotRange(rows);
  return `${low / 1000} to ${high / 1000}`;
}

/** Draw value and interval as a dot on a line; the numbers beside it say the same. */
function intervalPlot(row, [low, high]) {
  const score = row.model.scores.macro_f1[row.place];
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const x = (value) => 4 + (136 * (value - low)) / Math.max(high - low, 1);
  const add = (tag, attributes) => {
    const element = document.createElementNS(svg.namespaceURI, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    svg.append(element);
  };
  svg.setAttribute("viewBox", "0 0 144 20");
  svg.setAttribute("aria-hidden", "true");
  add("line", { class: "axis", x1: 4, x2: 140, y1: 10, y2: 10 });
  if (score?.length > 1) add("line", { class: "span", x1: x(score[1]), x2: x(score[2]), y1: 10, y2: 10 });
  if (score) add("circle", { cx: x(score[0]), cy: 10, r: 3.5 });
  return svg;
}

function describeBoard(rows) {
  const settings = unique(rows.map((row) => row.setting));
  byId("board-status").textContent =
    `${rows.length} ${rows.length === 1 ? "model" : "models"} shown` +
    (settings.length > 1 ? ` of ${settings.length} settings, which do not compare with each other.` : ".");
  byId("board-slice").replaceChildren(...(settings.length === 1 ? sliceWords(rows[0].slice) : []));
  const shown = DATA.columns[get("board.columns")] ?? [];
  byId("board-metrics").replaceChildren(
    ...shown.flatMap((name) => [
      make("dt", {}, DATA.metrics[name].title),
      make("dd", {}, `${DATA.metrics[name].definition} ${DATA.metrics[name].better === "lower" ? "Lower is better." : ""}`),
    ]),
  );
}

function sliceWords(slice) {
  const gold = slice[SLICE.gold].flatMap((n, label) => {
    const mark = n < DATA.thin ? make("span", { class: "thin", title: "few gold examples" }, "†") : null;
    return [label ? ", " : "", `${count(n)} ${LABELS[label]}`, mark];
  });
  return [
    `Test part: ${count(sum(slice[SLICE.gold]))} pairs of ${slice[SLICE.documents]} documents; gold `,
    ...gold.filter((part) => part !== null),
    sum(slice[SLICE.edits]) ? `; ${count(sum(slice[SLICE.edits]))} contrast pairs.` : ".",
  ];
}

// ---- CSV

function boardAsCsv() {
  const columns = boardColumns();
  const rows = sorted(boardRows(), columns);
  const quoted = (value) => (/[",\n\r]/.test(value) ? `"${String(value).replaceAll('"', '""')}"` : String(value));
  const head = ["protocol", "dataset", "target", "genre", ...columns.filter(isOwn).flatMap((c) => c.names)];
  const lines = rows.map((row) => [
    protocolOf(row.setting),
    row.setting.dataset,
    row.slice[SLICE.group],
    row.slice[SLICE.genre],
    ...columns.filter(isOwn).flatMap((c) => c.csv(row)),
  ]);
  return [head, ...lines].map((line) => line.map((value) => quoted(value ?? "")).join(",")).join("\n") + "\n";
}

const isOwn = (column) => column.key !== "protocol" && column.key !== "dataset";

async function copyBoard() {
  const text = boardAsCsv();
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = make("textarea", { "aria-hidden": "true" }, text); // where the clipboard is not given
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
    byId("board-copy").focus();
  }
  byId("board-status").textContent = `${boardRows().length} rows copied as CSV.`;
}

byId("board-copy").addEventListener("click", copyBoard);
