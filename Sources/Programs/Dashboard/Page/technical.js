// What engineers look at: the daemons, and what they reported.

import { clock, element, historyNote, words, zone } from "./words.js";

export class Technical {
  constructor(page, state) {
    this.state = state;
    this.daemons = element("div", { class: "table-box" });
    this.facts = element("div", { class: "table-box" });
    this.note = element("p", { class: "quiet" });
    page.replaceChildren(element("div", { class: "technical" }, this.daemons, this.note, this.facts));
    this.write();
  }

  close() {}
  frame() {}
  measure() {}
  key() { return false; }
  second() { this.writeDaemons(); }

  write() {
    this.writeDaemons();
    this.writeFacts();
  }

  table(heads, rows) {
    return element("table", {}, element("thead", {}, element("tr", {}, ...heads.map((head) => element("th", { scope: "col" }, head)))),
      element("tbody", {}, ...rows));
  }

  writeDaemons() {
    const w = words();
    const cell = (value, kind) => element("td", kind ? { class: kind } : {}, String(value ?? "–"));
    const rows = [...this.state.sources.values()].map((source) => {
      const { facts } = source;
      const state = { heard: w.heard, lost: w.lost, sought: w.sought }[source.state];
      return element("tr", {}, cell(source.events), cell(state, source.state === "heard" ? "good" : "caution"),
        cell(facts?.model), cell(facts ? `${facts.streams} / ${facts.streams_max}` : null), cell(facts?.frames),
        cell(facts?.published), cell(source.missed, source.missed > 0 ? "caution" : ""),
        cell(facts ? `${Math.floor(facts.uptime_seconds / 60)} min` : null));
    });
    this.daemons.replaceChildren(this.table(
      [w.daemon, w.state, w.model, w.streams, w.frames, w.published, w.missed, w.up], rows));
  }

  writeFacts() {
    const w = words();
    this.note.textContent = [this.state.facts.length === 0 ? w.noFacts : "", historyNote(this.state)].filter(Boolean).join(" ");
    const rows = [...this.state.facts].reverse().map((fact) => {
      const known = w.codes[fact.code];
      return element("tr", { "data-priority": fact.priority },
        element("td", { class: "figures" }, clock(Date.parse(fact.time))), element("td", {}, fact.patient === "_" ? "–" : fact.patient),
        element("td", {}, fact.device ?? "–"), element("td", {}, known ? `${known} (${fact.code})` : fact.code, fact.phase === "end" ? " ✓" : ""),
        element("td", {}, fact.priority), element("td", { class: "figures" }, String(fact.count ?? "")), element("td", {}, fact.detail ?? ""));
    });
    this.facts.replaceChildren(rows.length === 0 ? "" : this.table(
      [`${w.noDaemonTime} (${zone()})`, w.patient, w.device, w.code, w.priority, w.count, w.detail], rows));
  }
}
