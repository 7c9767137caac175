// The pages put together: one line from the dashboard, what it said, and the page that is open.

import { actKey } from "./acts.js";
import { AlarmBar, Alarms } from "./alarms.js";
import { Line } from "./line.js";
import { name } from "./roster.js";
import { askWho, LogIn, logOut, mayAct, me, mustLogIn } from "./people.js";
import { Patient } from "./patient.js";
import { choose, onChoice, setting } from "./settings.js";
import { Sound } from "./sound.js";
import { Station } from "./station.js";
import { Technical } from "./technical.js";
import { Traces, readWave } from "./traces.js";
import { clock, element, words, zone } from "./words.js";

const factsMax = 200;
const stepsMax = 200;
const $ = (id) => document.getElementById(id);
const state = {
  tiles: new Map(), sources: new Map(), facts: [], steps: [], monitor: new Map(), diagnostic: new Map(), labels: new Map(),
  window: null, isUp: null, turnedAway: 0,
};
let page = null;
const still = matchMedia("(prefers-reduced-motion: reduce)");

/// The newest of both lists, in the order in which they came or were: what the journal tells comes later than it was.
const merged = (before, news, max) =>
  [...before, ...news].sort((a, b) => a.at - b.at || a.n - b.n).slice(-max);

function take(message) {
  const now = performance.now();
  if (message.first) {
    state.tiles.clear();
    state.facts = [];
    state.steps = [];
    state.window = null;
  }
  for (const source of message.sources) {
    const before = state.sources.get(source.id);
    state.sources.set(source.id, { ...source, receivedAt: now });
    if (source.run && source.run !== before?.run || (source.not_looked_for && state.labels.size === 0)) askLabels(source.id);
  }
  for (const tile of message.tiles) {
    const before = state.tiles.get(tile.id);
    const isSame = before && before.stream === tile.stream;
    const kept = { receivedAt: now, firstSeenAt: isSame ? before.firstSeenAt : now, waveAt: isSame ? before.waveAt : null };
    state.tiles.set(tile.id, { ...tile, ...kept });
    if (!isSame && message.first !== true) { state.monitor.delete(tile.id); state.diagnostic.delete(tile.id); }
  }
  if (message.first) {
    for (const id of state.monitor.keys()) if (!state.tiles.has(id)) state.monitor.delete(id);
  }
  for (const id of message.gone) {
    state.tiles.delete(id);
    state.monitor.delete(id);
    state.diagnostic.delete(id);
  }
  name(state);
  for (const [id, text] of message.waves) wave(id, text, now);
  if (message.facts.length > 0) {
    state.facts = merged(state.facts, message.facts, factsMax);
    if (page instanceof Technical) page.write();
  }
  if (message.steps.length > 0) state.steps = merged(state.steps, message.steps, stepsMax);
  if (message.window) state.window = { ...message.window, receivedAt: now };
  state.turnedAway = message.turned_away;
  if (message.tiles.length > 0 || message.gone.length > 0 || message.sources.length > 0 || message.first) {
    page?.write(message.sources.length > 0 || message.first ? null : new Set(message.tiles.map((tile) => tile.id)));
    writeBar();
  }
}

function wave(id, text, now) {
  const message = readWave(text);
  const tile = state.tiles.get(id);
  if (!message || !tile) return;
  const kept = message.band === 1 ? state.monitor : state.diagnostic;
  let traces = kept.get(id);
  if (!traces) kept.set(id, (traces = new Traces(message.step)));
  traces.take(message, now);
  tile.waveAt = now;
}

async function askLabels(source) {
  try {
    const answer = await (await fetch(`/api/labels?source=${source}`)).json();
    for (const label of answer.labels) state.labels.set(label.id, label);
  } catch { /* asked again when the daemon is heard again */ }
}

const bar = new AlarmBar($("alarms"), $("doubts"), $("voice"));

const sound = new Sound($("sound"), () => writeBar());

const line = new Line(take, async (isUp) => {
  state.isUp = isUp;
  if (isUp && me.hasUsers === null) await askWho();
  writeBar();
}, async () => {
  // Whose session is over sees nothing of a patient any more.
  if (await askWho() && mustLogIn()) location.reload();
});

/// The name of the list that is open; undefined where none is.
const lists = () => location.hash.match(/^#\/(technical|alarms)$/)?.[1];

function show() {
  page?.close();
  const box = $("page");
  if (mustLogIn()) {
    page = new LogIn(box, show);
    document.body.dataset.page = "login";
    writeBar();
    return;
  }
  const patient = location.hash.match(/^#\/patient\/(\d+)$/);
  state.window = null;
  state.diagnostic.clear();
  if (patient) {
    page = new Patient(box, state, Number(patient[1]));
    line.open(Number(patient[1]));
  } else {
    const Page = { technical: Technical, alarms: Alarms }[lists()] ?? Station;
    page = new Page(box, state);
    if (line.tile !== null || line.source === null) line.open(null);
  }
  document.body.dataset.page = patient ? "patient" : lists() ?? "station";
  page.measure();
  writeBar();
}

function writeBar() {
  const w = words();
  document.documentElement.lang = setting("language");
  document.documentElement.dataset.theme = setting("theme");
  $("to-station").textContent = w.station;
  $("to-alarms").textContent = w.alarms;
  $("to-technical").textContent = w.technical;
  $("language").textContent = w.language;
  $("language").lang = setting("language") === "ja" ? "en" : "ja";
  $("theme").textContent = "◐";
  $("theme").title = w.theme;
  $("help").title = w.keys;
  sound.write();
  $("user").hidden = !mayAct();
  $("user").textContent = mayAct() ? w.logOut(me.user) : "";
  $("user").title = mayAct() ? w.loggedInUntil(clock(me.endsAt)) : "";
  $("rights").textContent = me.hasUsers === false ? w.readOnly : "";
  $("alarms").setAttribute("aria-label", w.alarms);
  $("research").textContent = w.research;
  $("layout-label").firstElementChild.textContent = w.beds;
  const layout = $("layout");
  layout.replaceChildren(...["auto", "2", "4", "8", "16", "32"].map((beds) =>
    element("option", { value: beds, selected: setting("beds") === beds }, beds === "auto" ? w.auto : beds)));
  const lost = [...state.sources.values()].filter((source) => source.state !== "heard");
  const missed = [...state.sources.values()].reduce((sum, source) => sum + source.missed, 0);
  const live = [...state.tiles.values()].filter((tile) => tile.state !== "closed").length;
  // What is wrong comes first, where a narrow bar does not cut it off.
  const said = [];
  for (const source of lost) said.push(`${source.state === "lost" ? w.lost : w.sought}: ${source.events}`);
  if (missed > 0) said.push(w.missedEvents(missed));
  if (state.turnedAway > 0) said.push(w.turnedAway(state.turnedAway));
  said.push(w.patients(live));
  const text = said.join(" · ");
  $("daemons").title = text;
  if ($("daemons").textContent !== text) $("daemons").textContent = text;
  $("daemons").classList.toggle("caution", lost.length > 0 || missed > 0);
  $("cover").hidden = state.isUp !== false;
  $("cover").firstElementChild.textContent = state.isUp === false ? w.lineLost : "";
  document.title = `${bar.write(state)}shinden · ${w.station}`;
}

function writeClock() { $("clock").textContent = `${clock(Date.now())} ${zone()}`; }

function showKeys() {
  const w = words();
  const box = $("keys");
  const close = element("button", { type: "button" }, w.close);
  close.addEventListener("click", () => box.close());
  box.replaceChildren(element("h2", {}, w.keys),
    element("dl", {}, ...w.keyList.flatMap(([key, does]) => [element("dt", {}, key), element("dd", {}, does)])), close);
  box.showModal();
}

const toggleLanguage = () => choose("language", setting("language") === "ja" ? "en" : "ja");
const toggleTheme = () => choose("theme", setting("theme") === "dark" ? "bright" : "dark");

$("language").addEventListener("click", toggleLanguage);
$("theme").addEventListener("click", toggleTheme);
$("help").addEventListener("click", showKeys);
$("layout").addEventListener("change", () => choose("beds", $("layout").value));
onChoice(() => {
  writeBar();
  if (page instanceof Patient) page.choice(); else page.write();
  page.measure();
});
$("user").addEventListener("click", logOut);
addEventListener("hashchange", show);
addEventListener("resize", () => bar.write(state));
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || $("keys").open) return;
  if (/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
  if (event.key === " " && event.target.tagName === "BUTTON") return;
  const act = {
    m: () => sound.toggle(), M: () => sound.toggle(), l: toggleLanguage, L: toggleLanguage, t: toggleTheme, T: toggleTheme, "?": showKeys,
    Escape: () => { location.hash = "#/"; },
  }[event.key];
  if (act) act();
  else if (!actKey(event.key, state, page.chosen) && !page.key(event)) return;
  event.preventDefault();
});

/// Frames a second of the last seconds, for whoever measures this page.
const pace = { frames: 0, since: performance.now() };
function frame(now) {
  page.frame(now, still.matches);
  pace.frames += 1;
  if (now - pace.since > 2000) {
    document.body.dataset.frames = (pace.frames * 1000 / (now - pace.since)).toFixed(1);
    pace.frames = 0;
    pace.since = now;
  }
  requestAnimationFrame(frame);
}

// What alarms flashes in one beat: a high one twice a second, a medium one every two seconds. Less motion: not at all.
let beat = 0;
function flash() {
  beat += 1;
  document.documentElement.dataset.beat = still.matches || beat % 2 === 0 ? "on" : "off";
  document.documentElement.dataset.slow = still.matches || beat % 8 < 4 ? "on" : "off";
  sound.tick(state);
}

await askWho();
show();
setInterval(flash, 250);
setInterval(() => { page.second(); writeClock(); }, 1000);
writeClock();
requestAnimationFrame(frame);
