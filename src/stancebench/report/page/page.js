"use strict";
// What all views share: the data, elements, and the state of the filters, which stands in the address
// as #section?key=value&…, so that a link restores the page.

const DATA = JSON.parse(document.getElementById("data").textContent);
const LABELS = DATA.labels;
const UNSCORED = LABELS.length;
/** Views by the prefix of their state's keys: { fill(), render() }. */
const VIEWS = {};

const byId = (id) => document.getElementById(id);
const string = (place) => DATA.strings[place];
const signed = (value) => (value < 0 ? "−" : "+") + Math.abs(value).toFixed(3);
const pValue = (p) => (p === null ? "–" : p < 0.001 ? "< 0.001" : p.toFixed(3));
const count = (n) => n.toLocaleString("en");

/** Return a new element; texts among the children stay texts, whatever they hold. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

// ---- state

const state = new Map();
const defaults = new Map();
let section = "";

const get = (key) => state.get(key) ?? defaults.get(key) ?? "";

/** Set parts of the state and draw the views that they belong to. */
function update(changes) {
  const touched = new Set();
  for (const [key, value] of Object.entries(changes)) {
    touched.add(key.split(".")[0]);
    if (value === (defaults.get(key) ?? "")) state.delete(key);
    else state.set(key, value);
  }
  writeAddress();
  for (const name of touched) refresh(name);
}

function refresh(name) {
  VIEWS[name].fill();
  showState(name);
  VIEWS[name].render();
}

function writeAddress() {
  const query = new URLSearchParams([...state]).toString();
  history.replaceState(null, "", "#" + section + (query ? "?" + query : ""));
}

function readAddress() {
  const [place, query] = location.hash.slice(1).split("?", 2);
  section = byId(place) ? place : "";
  state.clear();
  for (const [key, value] of new URLSearchParams(query ?? "")) {
    if (key.split(".")[0] in VIEWS) state.set(key, value);
  }
}

// ---- controls

/** Put options into the select of a state key: [value, text] each; the first is the default. */
function options(key, entries) {
  const select = document.querySelector(`[data-state="${key}"]`);
  defaults.set(key, entries.length ? entries[0][0] : "");
  const made = entries.map(([value, text]) => make("option", { value }, text));
  select.replaceChildren(...made);
  if (!entries.some(([value]) => value === get(key))) state.delete(key);
}

function showState(prefix) {
  for (const control of document.querySelectorAll(`[data-state^="${prefix}."]`)) {
    if (control.value !== get(control.dataset.state)) control.value = get(control.dataset.state);
  }
}

function listen() {
  for (const control of document.querySelectorAll("[data-state]")) {
    control.addEventListener("input", () => {
      const key = control.dataset.state;
      const changes = { [key]: control.value };
      if (key.startsWith("errors.")) changes["errors.page"] = "1";
      update(changes);
    });
  }
  for (const form of document.querySelectorAll("form")) {
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", (event) => {
      event.preventDefault();
      const prefix = form.querySelector("[data-state]").dataset.state.split(".")[0];
      for (const key of [...state.keys()]) if (key.startsWith(prefix + ".")) state.delete(key);
      writeAddress();
      refresh(prefix);
    });
  }
  for (const link of document.querySelectorAll(".sections a")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      section = link.hash.slice(1);
      writeAddress();
      goToSection();
    });
  }
  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault(); // the address holds the filters
    byId("main").focus();
  });
  window.addEventListener("hashchange", restore);
}

function goToSection() {
  const title = section && byId(section).querySelector("h2");
  if (!title) return;
  title.focus({ preventScroll: true });
  byId(section).scrollIntoView();
}

function restore() {
  readAddress();
  Object.keys(VIEWS).forEach(refresh);
  goToSection();
}

document.addEventListener("DOMContentLoaded", () => {
  listen();
  restore();
});
