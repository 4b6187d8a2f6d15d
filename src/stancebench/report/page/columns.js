// The columns of the leaderboard: what stands in a cell, and in a line of the CSV.
// A column is { key, title, value(row), cell(row), csv(row), names (of the CSV's), words, lower, plot }.

const COLUMN_SETS = [
  ["overview", "Overview"],
  ["labels", "F1 of each label"],
  ["probabilities", "Probabilities"],
  ["contrast", "Contrast edits"],
  ["targets", "macro-F1 by target"],
  ["genres", "macro-F1 by genre"],
  ["costs", "Costs"],
];
const COSTS = [
  ["fit_seconds", "fit, s"],
  ["predict_seconds", "predict, s"],
  ["peak_memory_mib", "peak memory, MiB"],
  ["parameters", "parameters"],
];

function boardColumns() {
  const several = boardSettings().length > 1;
  const set = get("board.columns");
  const columns = [textColumn("model", "model", (row) => row.model.name)];
  if (several) columns.push(textColumn("protocol", "protocol", (row) => protocolOf(row.setting)));
  if (several) columns.push(textColumn("dataset", "dataset", (row) => row.setting.dataset));
  columns.push(numberColumn("seeds", "seeds", (row) => row.model.seeds));
  if (set === "costs") return [...columns, ...COSTS.map(costColumn)];
  if (set === "targets" || set === "genres") return [...columns, ...sliceColumns(set)];
  for (const name of DATA.columns[set]) columns.push(metricColumn(name));
  if (set === "overview" && !get("board.genre") && get("board.target") === DATA.pooled) columns.push(gapColumn());
  columns.push({ ...metricColumn("unscored"), title: "unscored" });
  columns.push(numberColumn("n", "n", (row) => sum(row.slice[SLICE.gold])));
  return columns;
}

const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);

function textColumn(key, title, value) {
  return { key, title, value, cell: (row) => breakable(value(row)), csv: (row) => [value(row)], names: [key], words: true };
}

function numberColumn(key, title, value) {
  return { key, title, value, cell: (row) => count(value(row)), csv: (row) => [value(row)], names: [key] };
}

function costColumn([key, title]) {
  const value = (row) => row.model.costs[key];
  const cell = (row) => (value(row) === null ? "–" : count(value(row)));
  return { key, title, value, cell, csv: (row) => [value(row)], names: [key], lower: true };
}

/** Return macro-F1 in a column for each target of the chosen genre, or each genre of the chosen target. */
function sliceColumns(set) {
  const at = set === "targets" ? SLICE.group : SLICE.genre;
  const other = set === "targets" ? SLICE.genre : SLICE.group;
  const fixed = get(set === "targets" ? "board.genre" : "board.target");
  const inside = boardSettings().flatMap((s) => s.slices).filter((slice) => slice[other] === fixed);
  return unique(inside.map((slice) => slice[at])).map((part) => {
    const column = metricColumn("macro_f1");
    const of = (row) => {
      const place = row.setting.slices.findIndex((s) => s[at] === part && s[other] === fixed);
      return { ...row, place, slice: row.setting.slices[place] };
    };
    const there = (row, given, otherwise) => (of(row).slice ? given(of(row)) : otherwise);
    return {
      ...column,
      key: `part:${part}`,
      title: at === SLICE.genre ? part || "all genres" : groupTitle(part),
      plot: false,
      value: (row) => there(row, column.value, null),
      cell: (row) => there(row, (found) => [column.cell(found), numberLine(sum(found.slice[SLICE.gold]))].flat(), "–"),
      csv: (row) => there(row, column.csv, column.names.map(() => "")),
      names: column.names.map((name) => `${name} ${part || "all genres"}`),
    };
  });
}

const numberLine = (n) => make("span", { class: "line interval" }, `n ${count(n)}`);

function metricColumn(name) {
  const metric = DATA.metrics[name];
  return {
    key: name,
    title: metric?.title ?? name,
    lower: metric?.better !== "higher",
    plot: name === "macro_f1",
    value: (row) => row.model.scores[name][row.place]?.[0] ?? null,
    cell: (row) => scoreCell(name, row),
    csv: (row) => csvScore(name, row),
    names: name === "unscored" ? [name] : [name, `${name}_low`, `${name}_high`, `${name}_sd`],
  };
}

const decimals = (thousandths) => (thousandths / 1000).toFixed(3);
const deviation = (name, row) => (row.slice[SLICE.genre] ? null : row.model.deviations[name]?.[row.place] ?? null);

function scoreCell(name, row) {
  const score = row.model.scores[name][row.place];
  if (!score) return "–";
  if (name === "unscored") return count(score[0] / 1000);
  const parts = [make("span", { class: "value" }, decimals(score[0]))];
  if (isThin(name, row.slice)) parts.push(make("span", { class: "thin", title: "rests on few examples" }, "†"));
  const spread = deviation(name, row);
  if (spread !== null) parts.push(make("span", { class: "interval" }, ` ± ${decimals(spread)}`));
  if (score.length > 1) parts.push(make("span", { class: "line interval" }, `[${decimals(score[1])}, ${decimals(score[2])}]`));
  const own = ownNumber(name, row.slice);
  if (own !== null) parts.push(numberLine(own));
  return parts;
}

/** Return on how many examples a score rests where this is not the row's n. */
function ownNumber(name, slice) {
  const metric = DATA.metrics[name];
  if (metric.of_edits) return sum(slice[SLICE.edits]);
  return metric.of_label ? slice[SLICE.gold][metric.classes[0]] : null;
}

function isThin(name, slice) {
  const metric = DATA.metrics[name];
  const least = slice[metric.of_edits ? SLICE.leastEdits : SLICE.leastGold];
  return metric.classes.some((label) => least[label] < DATA.thin);
}

function csvScore(name, row) {
  const score = row.model.scores[name][row.place];
  if (name === "unscored") return [score ? score[0] / 1000 : ""];
  const spread = deviation(name, row);
  const numbers = [score?.[0], score?.[1], score?.[2], spread ?? undefined];
  return numbers.map((n) => (n === undefined ? "" : decimals(n)));
}

/** The difference to the setting's best model, with its p value: a rank alone says nothing of chance. */
function gapColumn() {
  const pair = (row) => row.setting.pairs.find((p) => p[0] === 0 && p[1] === row.i) ?? null;
  const value = (row) => (row.i === 0 ? 0 : pair(row) && -pair(row)[PAIR.difference]);
  return {
    key: "gap",
    title: "vs best",
    value,
    cell(row) {
      if (row.i === 0) return "best";
      if (!pair(row)) return "–";
      const p = strictest(pair(row));
      return [signed(value(row)) + told(p), make("span", { class: "line interval" }, `p ${pValue(p)}`)];
    },
    csv: (row) => [value(row) ?? "", pair(row) ? strictest(pair(row)) : ""],
    names: ["minus_best", "minus_best_p_holm"],
  };
}
