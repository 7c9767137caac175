// Alarms: which stand, in what order, and how they are shown. Colour never stands alone: each has its symbol and its words.

import { ackButton, pauseButtons, refill, settingOf } from "./acts.js";
import { me } from "./people.js";
import { titleOf } from "./roster.js";
import { Strips, stripLabel } from "./strip.js";
import { clock, day, element, historyNote, leadList, statement, words, zone } from "./words.js";

export const symbols = { high: "!!!", medium: "!!", low: "!", info: "i" };
const priorities = ["high", "medium", "low"];

/// Whether an alarm is to be seen as one; what is paused or only recorded is listed, and colours nothing.
export const isSignalled = (alarm) => alarm.signal === "on" || alarm.signal === "audio_paused" || alarm.signal === "acknowledged";

/// Whether it may flash: somebody has yet to answer it.
export const isOpen = (alarm) => alarm.signal === "on" || alarm.signal === "audio_paused";

const rank = (alarm) => {
  const place = priorities.indexOf(alarm.priority);
  return (place < 0 ? 3 : place) + (isSignalled(alarm) ? 0 : 10) + (isOpen(alarm) ? 0 : 0.5);
};

/// The most urgent first, of alike ones the newest.
export const byUrgency = (a, b) => rank(a) - rank(b) || Date.parse(b.since) - Date.parse(a.since) || (a.id < b.id ? -1 : 1);

/// All alarms that stand, each with its tile and daemon, the most urgent first.
export function standing(state) {
  const found = [];
  for (const tile of state.tiles.values()) {
    for (const alarm of tile.alarms) found.push({ alarm, tile, source: state.sources.get(tile.source) });
  }
  return found.sort((a, b) => byUrgency(a.alarm, b.alarm));
}

/// A figure with its unit: 131/min, 182 ms.
export const figure = (value) => (value ? `${value.value}${value.unit.startsWith("/") ? "" : " "}${value.unit}` : "");

/// The statement with the leads that it concerns.
export const title = (alarm) =>
  statement(alarm) + (alarm.leads?.length > 0 ? ` ${leadList(alarm.leads)}` : "");

/// What is to be said of an alarm beside its statement: whether it is over, who answered it, what keeps it quiet.
export function tags(alarm) {
  const w = words();
  const said = [];
  const isAnswered = alarm.signal === "acknowledged" && alarm.reason !== "analysis_lost";
  if (alarm.state === "latched") said.push(isAnswered ? w.states.inactive : w.latched[alarm.reason] ?? w.latched.latched);
  if (alarm.signal === "acknowledged") said.push(w.acknowledged(alarm.by ?? "?"));
  else if (alarm.signal !== "on") said.push(w.signals[alarm.signal] ?? alarm.signal);
  return said;
}

/// An alarm as a coloured label; `parts` says what stands in it.
export function chip(alarm, { bed = null, href = null, isStale = false, more = 0, isShort = false } = {}) {
  const w = words();
  const label = element(href ? "a" : "span", {
    class: "alarm", "data-priority": alarm.priority, "data-signal": alarm.signal, "data-state": alarm.state,
    title: [title(alarm), figure(alarm.figure), ...tags(alarm), w.since(clock(Date.parse(alarm.since)))].filter(Boolean).join(", "),
  });
  const parts = [
    element("b", { class: "symbol" }, symbols[alarm.priority] ?? "?"),
    bed === null ? null : element("b", { class: "bed" }, bed),
    element("span", { class: "statement" }, title(alarm)),
    alarm.figure && !isShort ? element("span", { class: "figure" }, figure(alarm.figure)) : null,
    ...(isShort ? [] : tags(alarm).map((text) => element("span", { class: "tag" }, text))),
    more > 0 ? element("span", { class: "tag others-count" }, w.moreAlarms(more)) : null,
    isShort ? null : element("time", {}, clock(Date.parse(alarm.since))),
  ].filter(Boolean);
  // With spaces between, so that it may break there where it has little room.
  label.append(...parts.flatMap((part) => [part, " "]));
  label.classList.toggle("open", isOpen(alarm) && !isStale);
  label.classList.toggle("calm", !isOpen(alarm) || isStale);
  if (href) label.href = href;
  return label;
}

/// What a daemon's list of alarms may lack, in sentences.
function doubts(source) {
  const w = words();
  const said = [];
  if (source.state === "heard" && !source.alarms_known) said.push(w.alarmsAsked);
  if (source.forgotten) {
    const names = source.forgotten.alarms.map((alarm) => `${symbols[alarm.priority] ?? ""} ${alarm.patient} ${title(alarm)}`);
    if (source.forgotten.count > names.length) names.push("…");
    said.push(w.alarmsForgotten(clock(source.forgotten.utc), source.forgotten.count, names.join(", ")));
  }
  return said;
}

/// Whether what is shown is all that stands: every daemon is heard and has told it, and nothing was lost since.
export const isSure = (state) => state.isUp === true && state.sources.size > 0
  && [...state.sources.values()].every((source) => source.state === "heard" && source.alarms_known);

/// CSS pixels that an alarm of the bar needs to be read.
const chipWidth = 235;

/// The bar over every page: what stands, physiological and technical apart, and what may be missing in it.
export class AlarmBar {
  constructor(box, note, voice) {
    this.note = note;
    this.voice = voice;
    this.lists = ["physiological", "technical"].map((kind) => {
      const head = element("a", { class: "kind", href: "#/alarms" });
      const list = element("div", { class: "chips" });
      box.append(element("section", { "data-class": kind }, head, list));
      return { kind, head, list, key: "", headKey: "" };
    });
    this.known = null;
  }

  write(state) {
    const w = words();
    const all = standing(state);
    const sources = [...state.sources.values()];
    const isKnown = isSure(state);
    for (const shown of this.lists) {
      const list = all.filter(({ alarm }) => (alarm.class === "technical") === (shown.kind === "technical"));
      this.writeHead(shown, list);
      const room = Math.max(1, Math.floor(shown.list.clientWidth / chipWidth));
      const key = JSON.stringify([document.documentElement.lang, isKnown, room, list.map(({ alarm, tile, source }) => [tile.title, source?.state, alarm])]);
      if (key === shown.key) continue;
      shown.key = key;
      const chips = list.slice(0, room).map(({ alarm, tile, source }) =>
        chip(alarm, { bed: tile.title, href: `#/patient/${tile.id}`, isStale: source?.state !== "heard", isShort: true }));
      if (list.length > room) chips.push(element("a", { class: "rest", href: "#/alarms" }, w.moreAlarms(list.length - room)));
      if (list.length === 0) chips.push(element("span", { class: "quiet" }, isKnown ? w.noAlarm : w.noAlarmHeard));
      shown.list.replaceChildren(...chips);
    }
    const text = [...new Set(sources.flatMap(doubts))].join(" ");
    if (this.note.textContent !== text) this.note.textContent = text;
    this.say(all);
    const top = all.find(({ alarm, source }) => isOpen(alarm) && source?.state === "heard")?.alarm;
    return top ? `${symbols[top.priority] ?? ""} ` : "";
  }

  /// Writes how many stand of each priority; what is left of the line is the alarms'.
  writeHead(shown, list) {
    const counts = priorities.map((priority) => [priority, list.filter(({ alarm }) => alarm.priority === priority).length])
      .filter(([, count]) => count > 0);
    const name = words().classes[shown.kind];
    const key = `${name} ${counts}`;
    if (key === shown.headKey) return;
    shown.headKey = key;
    shown.head.replaceChildren(element("span", {}, name),
      ...counts.map(([priority, count]) => element("b", { class: "count", "data-priority": priority }, `${symbols[priority]} ${count}`)));
  }

  /// Tells those who listen to the page of every alarm that is new and not low.
  say(all) {
    const open = all.filter(({ alarm, source }) => isOpen(alarm) && alarm.priority !== "low" && source?.state === "heard");
    const fresh = open.filter(({ alarm }) => !this.known?.has(`${alarm.id} ${alarm.priority}`));
    this.known = new Set(open.map(({ alarm }) => `${alarm.id} ${alarm.priority}`));
    if (fresh.length === 0) return;
    this.voice.textContent = fresh.map(({ alarm, tile }) => `${words().priorities[alarm.priority]}: ${tile.title} ${title(alarm)}`).join(". ");
  }
}

/// What happened to an alarm, in words.
function happened(step) {
  const w = words();
  if (step.phase === "tpoint") return step.evidence === "both" ? w.agrees : w.toldOnce;
  if (step.phase === "escalate") return w.escalated;
  if (step.phase === "deescalate") return w.deescalated;
  if (step.reason === "over" && step.state === "latched") return w.latched.over;
  return w.reasons[step.reason] ?? step.reason;
}

/// A row a step, the newest first; below the begin of an alarm that is among `opened` stands its strip, of `strips`, and `toggle`
/// shows or hides one.
export function stepRows(state, steps, { withPatient = true, opened = new Set(), strips = null, toggle = null } = {}) {
  const w = words();
  return [...steps].reverse().flatMap((step) => {
    const hasStrip = toggle !== null && step.phase === "start";
    const button = hasStrip ? element("button", { type: "button", class: "strip-button", "data-act": `strip ${step.id}`, "aria-expanded": String(opened.has(step.id)) }, w.strip) : null;
    button?.addEventListener("click", () => toggle(step.id));
    const row = element("tr", {},
      element("td", { class: "figures", title: day(Date.parse(step.time)) }, clock(Date.parse(step.time))),
      withPatient ? element("td", {}, titleOf(state, step.source, step.patient)) : null,
      element("td", {}, element("b", { class: "count", "data-priority": step.priority }, symbols[step.priority] ?? "?"), ` ${title(step)}`),
      element("td", {}, happened(step) + (step.by ? ` (${step.by})` : "")),
      withPatient ? element("td", { class: "figures" }, figure(step.figure)) : null,
      withPatient ? element("td", { class: "figures" }, button) : null);
    return hasStrip && opened.has(step.id) ? [row, stripRow(state, strips, step.source, step)] : [row];
  });
}

/// A row with the strip of an alarm, or of the step by which one began.
function stripRow(state, strips, source, alarm) {
  const patient = alarm.patient ?? [...state.tiles.values()].find((tile) => tile.alarms.some((each) => each.id === alarm.id))?.patient;
  const label = stripLabel(`${titleOf(state, source, patient)} ${title(alarm)}`, symbols[alarm.priority] ?? "?", raisedAt(state, alarm));
  return element("tr", { class: "strip-row" }, element("td", { colSpan: 6 }, strips.view(source, alarm.id, label).root));
}

/// When an alarm was raised, as far as this page knows; what raised it may have begun before.
export const raisedAt = (state, alarm) =>
  state.steps.find((step) => step.id === alarm.id && step.phase === "start")?.time ?? alarm.since;

/// Standing alarms whose strip is shown without being asked for, the most urgent first.
const stripsShown = 6;

const table = (heads, rows) => element("table", {},
  element("thead", {}, element("tr", {}, ...heads.map((head) => element("th", { scope: "col" }, head)))), element("tbody", {}, ...rows));

/// The page of alarms: those that stand, and what happened since the dashboard began.
export class Alarms {
  constructor(page, state) {
    this.state = state;
    this.opened = new Set();
    this.strips = { now: new Strips(), past: new Strips() };
    this.now = element("div", { class: "table-box" });
    this.past = element("div", { class: "table-box" });
    page.replaceChildren(element("div", { class: "technical" }, this.now, this.past));
    this.write();
  }

  close() {}
  frame() {}
  key() { return false; }

  measure() {
    this.strips.now.draw();
    this.strips.past.draw();
  }

  /// Strips that are not whole yet grow.
  second() {
    this.strips.now.refresh();
    this.strips.past.refresh();
  }

  toggle(id) {
    if (!this.opened.delete(id)) this.opened.add(id);
    this.write();
    this.second();
  }

  write() {
    const w = words();
    const all = standing(this.state);
    const shown = all.map(({ alarm, tile, source }) => {
      const set = settingOf(this.state, tile);
      return [tile.id, tile.title, source?.state, alarm, set.audio !== null, set.alarm !== null];
    });
    const note = all.length > 0 ? null : isSure(this.state) ? w.noAlarm : w.noAlarmHeard;
    refill(this.now, JSON.stringify([document.documentElement.lang, me.user, note, shown]), () => [
      element("h2", {}, w.standing),
      note === null ? table([w.alarm, w.patient, w.device, w.kind, w.state, ""], all.flatMap((each, place) => this.rows(each, place < stripsShown)))
        : element("p", { class: "quiet" }, note),
    ]);
    const missed = [...this.state.sources.values()].reduce((sum, source) => sum + source.missed, 0);
    const key = [document.documentElement.lang, historyNote(this.state), missed, this.state.steps.length, Math.max(0, ...this.state.steps.map((step) => step.n)), [...this.opened]];
    refill(this.past, JSON.stringify(key), () => {
      const steps = stepRows(this.state, this.state.steps, { opened: this.opened, strips: this.strips.past, toggle: (id) => this.toggle(id) });
      return [element("h2", {}, `${w.happenings} (${zone()})`),
        element("p", { class: "quiet" }, [steps.length === 0 ? w.noSteps : "", historyNote(this.state)].filter(Boolean).join(" ")),
        missed > 0 ? element("p", { class: "caution" }, w.stepsMissed(missed)) : "",
        steps.length === 0 ? "" : table([w.noDaemonTime, w.patient, w.alarm, w.what, w.figureHead, ""], steps)];
    });
  }

  rows({ alarm, tile, source }, withStrip) {
    const w = words();
    const row = element("tr", {},
      element("td", {}, chip(alarm, { href: `#/patient/${tile.id}`, isStale: source?.state !== "heard" })),
      element("td", {}, element("b", {}, tile.title), tile.shown ? ` ${tile.shown}` : ""), element("td", {}, tile.device), element("td", {}, w.kinds[alarm.class] ?? alarm.class),
      element("td", {}, [w.states[alarm.state] ?? alarm.state, alarm.agrees ? w.agrees : null,
        source?.state === "heard" ? null : w.lost].filter(Boolean).join(", ")),
      element("td", {}, element("div", { class: "acts" }, ackButton(tile, alarm), ...pauseButtons(this.state, tile).slice(0, 1))));
    return withStrip ? [row, stripRow(this.state, this.strips.now, tile.source, alarm)] : [row];
  }
}
