// The central station: a tile a patient, always at the same place.

import { Sweep } from "./sweep.js";
import { setting } from "./settings.js";
import { settingOf, settingWords } from "./acts.js";
import { byUrgency, chip, isOpen, isSignalled } from "./alarms.js";
import { bedsWithoutTile } from "./roster.js";
import { element, leadList, percent, statement, words } from "./words.js";
import { leadNames } from "./traces.js";

/// CSS pixels of a millimetre: an inch has 96 of them.
export const millimetre = 96 / 25.4;

/// Seconds without a waveform after which a tile says so by itself: a stream's first one may take 2.5 s.
const silentAfter = 4;

/// Seconds after which what a tile says is shown as old.
const oldAfter = 5;

class Tile {
  constructor(id) {
    this.id = id;
    this.canvas = element("canvas", { "aria-hidden": "true" });
    this.sweep = new Sweep(this.canvas);
    this.name = element("b", { class: "name" });
    this.shown = element("span", { class: "shown" });
    this.device = element("span", { class: "device" });
    this.lead = element("span", { class: "lead" });
    this.gain = element("span", { class: "scale" });
    this.pulse = element("i", { class: "pulse" });
    this.finding = element("p", { class: "finding" });
    this.rate = element("span", { class: "rate" });
    this.facts = element("p", { class: "facts" });
    this.word = element("p", { class: "word" });
    this.trace = element("div", { class: "trace" }, this.canvas, this.pulse,
      element("span", { class: "label" }, this.lead, " ", this.gain));
    this.root = element("a", { class: "tile", "data-tile": String(id) },
      element("div", { class: "inner" },
        element("div", { class: "who" }, this.name, this.shown, this.device, this.facts), this.rate, this.trace, this.finding, this.word));
  }

  /// Writes what is known; called when it changes and once a second, since ages grow.
  write(tile, source, now, settings) {
    const w = words();
    const { window: shown } = tile;
    this.root.href = `#/patient/${tile.id}`;
    this.name.textContent = tile.title;
    this.name.classList.toggle("long", tile.title.length > 8);
    this.shown.textContent = tile.shown ?? "";
    this.device.textContent = tile.hasBed ? `${tile.patient} · ${tile.device}` : tile.device;
    this.writeRate(tile, source, now, w);
    this.state(tile, source, now, settings);
    const alarms = this.alarms(tile, source);
    const age = shown ? (shown.age + now - tile.receivedAt) / 1000 : null;
    this.writeWindow(tile, shown, age, w, alarms);
    for (const text of settingWords(settings)) this.facts.prepend(element("span", { class: "set" }, text));
    this.root.setAttribute("aria-label",
      [tile.title, tile.shown, this.rate.textContent, this.word.textContent, this.finding.textContent, this.facts.textContent].filter(Boolean).join(". "));
  }

  /// The heart rate of the newest second; none where it is unknown or old.
  writeRate(tile, source, now, w) {
    const { vitals } = tile;
    const isOld = !vitals || vitals.age + now - tile.receivedAt > 1000 * oldAfter || source?.state !== "heard"
      || tile.state === "closed";
    const rate = isOld ? null : vitals.rate;
    this.rate.replaceChildren(element("small", {}, w.rate), " ", element("b", {}, rate === null ? "--" : String(Math.round(rate))));
    this.rate.title = rate !== null ? w.perMinute : isOld ? w.noRate.old : w.noRate[vitals.why] ?? w.noRate.old;
  }

  /// What stands, the most urgent first; the tile has the colour of the most urgent that nobody acknowledged, where
  /// there is one.
  alarms(tile, source) {
    const alarms = tile.alarms.filter(isSignalled).sort(byUrgency);
    const isStale = source?.state !== "heard";
    const coloured = alarms.find(isOpen) ?? alarms[0];
    if (coloured) this.root.dataset.alarm = coloured.priority; else delete this.root.dataset.alarm;
    this.root.classList.toggle("calm", alarms.length > 0 && (isStale || !alarms.some(isOpen)));
    return alarms;
  }

  /// The most urgent alarm stands in large letters, and what the model suggests beside it in small ones: where the heart
  /// stands still, "Normal" of the last window must not be what is read first.
  writeAlarm(alarms, shown, isStale) {
    this.finding.classList.add("alarmed");
    this.finding.append(chip(alarms[0], { isStale, more: alarms.length - 1 }));
    const found = shown && !shown.withheld ? shown.found.slice(0, 2) : [];
    if (found.length > 0) {
      this.finding.append(element("span", { class: "others" },
        `${words().suggestion}: ${found.map((each) => `${statement(each)} ${percent(each.p)}`).join(" · ")}`));
    }
  }

  writeWindow(tile, shown, age, w, alarms) {
    this.finding.replaceChildren();
    this.facts.replaceChildren();
    this.finding.className = "finding";
    // A low alarm of the signal is a fact among facts; every other one is what the tile says first.
    const loud = alarms.filter((alarm) => alarm.class !== "technical" || alarm.priority !== "low");
    const isStale = this.root.classList.contains("calm") && alarms.some(isOpen);
    for (const alarm of alarms.filter((each) => !loud.includes(each))) this.facts.append(chip(alarm, { isStale }));
    if (loud.length > 0) {
      this.writeAlarm(loud, shown, isStale);
    } else if (!shown) {
      this.finding.append(element("span", { class: "quiet" }, tile.state === "starting" ? w.starting : w.noWindow));
    } else if (shown.withheld) {
      this.finding.append(element("span", { class: "caution" }, w.withheld[shown.withheld] ?? shown.withheld));
    } else if (shown.found.length > 0) {
      const [first, ...others] = shown.found;
      const text = statement(first);
      // A Japanese letter is as wide as two others.
      const wide = [...text].reduce((sum, letter) => sum + (letter > "\u2fff" ? 2 : 1), 0);
      this.finding.append(element("span", { class: wide > 20 ? "statement long" : "statement" }, text),
        element("span", { class: "p" }, percent(first.p)));
      if (others.length > 0) {
        this.finding.append(element("span", { class: "others" },
          others.map((each) => `${statement(each)} ${percent(each.p)}`).join(" · ")));
      }
    } else {
      this.finding.append(element("span", { class: "quiet" }, w.none));
      if (shown.near[0]) {
        this.finding.append(element("span", { class: "others" },
          `${w.nearest}: ${statement(shown.near[0])} ${percent(shown.near[0].p)}`));
      }
    }
    if (age !== null && age > oldAfter && loud.length === 0) {
      this.finding.classList.add("old");
      this.finding.append(element("span", { class: "age" }, w.ago(Math.round(age))));
    }
    const offTold = alarms.some((alarm) => alarm.statement === "electrode_off");
    for (const [text, kind] of this.factList(tile, shown, w, offTold)) {
      this.facts.append(element("span", kind ? { class: kind } : {}, text));
    }
  }

  /// `offTold` leaves out the electrodes that an alarm names.
  factList(tile, shown, w, offTold) {
    const list = [];
    if (shown) {
      const isPatch = shown.leads.some(([, source]) => source === "patch");
      const few = shown.used.length > 0 && shown.used.length <= 3 ? ` (${leadList(shown.used)})` : "";
      list.push([isPatch ? w.patch : w.leads(shown.used.length) + few, shown.used.length === 0 ? "caution" : ""]);
      const dead = shown.leads.filter(([, , , reason]) => reason && !(offTold && reason === "off"));
      for (const reason of new Set(dead.map(([, , , word]) => word))) {
        const names = dead.filter(([, , , word]) => word === reason).map(([name]) => name);
        list.push([`${leadList(names)} ${w.noECG[reason] ?? reason}`, "caution"]);
      }
      const used = shown.leads.filter(([name]) => shown.used.includes(name));
      const coverage = used.length > 0 ? used.reduce((sum, lead) => sum + lead[2], 0) / used.length : 0;
      if (coverage < 0.995 && used.length > 0) list.push([w.coverage(Math.floor(coverage * 100)), "caution"]);
      if (shown.latency !== null && shown.latency > 2000) {
        list.push([w.lag((shown.latency / 1000).toFixed(1)), "caution"]);
      }
    }
    const off = tile.contacts.filter(([, contact]) => contact === "off").map(([lead]) => lead);
    if (off.length > 0 && !offTold && !shown?.leads.some(([, , , reason]) => reason === "off")) {
      list.push([`${leadList(off)} ${w.noECG.off}`, "caution"]);
    }
    const poor = tile.contacts.filter(([, contact]) => contact === "poor").map(([lead]) => lead);
    if (poor.length > 0) list.push([`${leadList(poor)} ${w.poor}`, "caution"]);
    if (tile.battery !== null) list.push([w.battery(tile.battery), tile.battery <= 15 ? "caution" : ""]);
    return list;
  }

  state(tile, source, now, settings) {
    const w = words();
    let word = "";
    let kind = tile.state;
    if (source?.state === "lost") { word = w.lost; kind = "lost"; }
    else if (tile.state === "closed") word = w.ended(tile.why ?? "?");
    else {
      const quiet = (now - Math.max(tile.waveAt ?? 0, tile.firstSeenAt)) / 1000;
      if (tile.state === "silent" || quiet > silentAfter) { word = w.silent(Math.max(2, Math.floor(quiet))); kind = "silent"; }
    }
    this.root.dataset.state = kind;
    const isStandby = settings.standby !== null;
    this.root.classList.toggle("standby", isStandby);
    if (isStandby && word === "") word = w.onStandby;
    this.word.textContent = word;
  }

  /// Writes which lead is shown and how high a millivolt is.
  writeTrace(traces) {
    const name = traces?.lead === null || traces?.lead === undefined ? "" : leadNames[traces.lead];
    this.lead.textContent = traces?.isPatch ? words().patch : name + (traces?.derived.has(traces.lead) ? "*" : "");
    this.gain.textContent = `${this.sweep.gain} mm/mV`;
    const high = this.sweep.gain * millimetre;
    this.pulse.style.height = `${high}px`;
    // Where a tile is lower than a millivolt the bracket would be cut, and tell a wrong length.
    this.pulse.hidden = high > 0.62 * this.trace.clientHeight;
  }
}

export class Station {
  constructor(page, state) {
    this.page = page;
    this.state = state;
    this.tiles = new Map();
    this.grid = element("div", { class: "grid" });
    this.empty = element("p", { class: "empty" });
    this.more = element("p", { class: "more" });
    page.replaceChildren(this.grid, this.empty, this.more);
    this.observer = new ResizeObserver(() => this.measure());
    this.observer.observe(this.grid);
    this.write();
  }

  close() { this.observer.disconnect(); }

  /// How many places the page shows, and in how many columns: at most two, so that a trace stays 6 s long.
  layout() {
    const places = 1 + Math.max(-1, ...[...this.state.tiles.values()].map((tile) => tile.spot), ...bedsWithoutTile(this.state).map((bed) => bed.place));
    const beds = setting("beds") === "auto"
      ? [1, 2, 4, 6, 8, 10, 12, 16, 20, 24, 32].find((n) => n >= places) ?? places : Number(setting("beds"));
    const isNarrow = document.documentElement.clientWidth < 800;
    const columns = isNarrow || beds <= 2 ? 1 : 2;
    return { beds, columns, rows: Math.max(1, Math.ceil(beds / columns)), places, isNarrow };
  }

  /// Writes the tiles, or those of the ids in `changed` and new ones.
  write(changed = null) {
    const now = performance.now();
    const { beds, columns, rows, places, isNarrow } = this.layout();
    this.grid.style.setProperty("--columns", columns);
    this.grid.style.setProperty("--rows", rows);
    this.grid.classList.toggle("narrow", isNarrow);
    for (const [id, tile] of this.state.tiles) {
      if (tile.spot >= beds) { this.drop(id); continue; }
      let shown = this.tiles.get(id);
      if (shown && changed && !changed.has(id)) continue;
      if (!shown) {
        shown = new Tile(id);
        this.tiles.set(id, shown);
        this.grid.append(shown.root);
        this.observer.observe(shown.trace);
      }
      // Places go row by row, so that none changes its side when further patients add rows.
      shown.root.style.gridColumn = String(tile.spot % columns + 1);
      shown.root.style.gridRow = String(Math.floor(tile.spot / columns) + 1);
      shown.root.style.order = String(tile.spot);
      shown.sweep.follow(this.state.monitor.get(id));
      shown.write(tile, this.state.sources.get(tile.source), now, settingOf(this.state, tile));
      shown.writeTrace(this.state.monitor.get(id));
    }
    for (const id of [...this.tiles.keys()]) if (!this.state.tiles.has(id)) this.drop(id);
    const empty = this.writeBeds(beds, columns);
    this.empty.textContent = this.state.tiles.size === 0 && empty === 0 ? words().noPatients : "";
    this.more.textContent = places > beds ? words().moreBeds(places - beds) : "";
  }

  /// Beds of the roster of which nothing comes: a patient without a device must not look like one who is not there.
  writeBeds(beds, columns) {
    const w = words();
    const shown = bedsWithoutTile(this.state).filter((bed) => bed.place < beds);
    const key = JSON.stringify([document.documentElement.lang, columns, shown]);
    if (key === this.bedsKey) return shown.length;
    this.bedsKey = key;
    for (const bed of this.grid.querySelectorAll(".bed-free")) bed.remove();
    for (const bed of shown) {
      const root = element("div", { class: bed.patient === null ? "bed-free" : "bed-free waited" }, element("b", { class: "name" }, bed.bed),
        element("span", { class: "shown" }, bed.name ?? ""), element("span", { class: "device" }, bed.patient ?? ""),
        element("span", { class: "none" }, bed.patient === null ? w.emptyBed : bed.standby ? w.onStandby : w.noDevice));
      root.style.gridColumn = String(bed.place % columns + 1);
      root.style.gridRow = String(Math.floor(bed.place / columns) + 1);
      root.style.order = String(bed.place);
      this.grid.append(root);
    }
    return shown.length;
  }

  drop(id) {
    const shown = this.tiles.get(id);
    if (!shown) return;
    this.observer.unobserve(shown.trace);
    shown.root.remove();
    this.tiles.delete(id);
  }

  measure() {
    const ratio = devicePixelRatio || 1;
    const color = getComputedStyle(document.documentElement).getPropertyValue("--trace").trim();
    for (const [id, shown] of this.tiles) {
      shown.sweep.resize(shown.trace.clientWidth, shown.trace.clientHeight, millimetre, ratio);
      if (shown.sweep.color !== color) { shown.sweep.color = color; shown.sweep.needsAll = true; }
      shown.writeTrace(this.state.monitor.get(id));
    }
  }

  frame(now, isStill) {
    for (const [id, shown] of this.tiles) {
      shown.sweep.follow(this.state.monitor.get(id));
      shown.sweep.frame(now, isStill);
    }
  }

  second() {
    for (const shown of this.tiles.values()) shown.sweep.fit();
    this.write();
  }

  /// The tile that has the focus: keys that do something do it to its patient.
  get chosen() {
    const found = [...this.tiles].find(([, tile]) => tile.root === document.activeElement);
    return found ? this.state.tiles.get(found[0]) : undefined;
  }

  /// The arrows go from tile to tile.
  key(event) {
    const { columns } = this.layout();
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
    if (!step) return false;
    const shown = [...this.tiles].sort(([a], [b]) => this.state.tiles.get(a).spot - this.state.tiles.get(b).spot);
    if (shown.length === 0) return false;
    const at = shown.findIndex(([, tile]) => tile.root === document.activeElement);
    const place = at < 0 ? 0 : this.state.tiles.get(shown[at][0]).spot + step;
    const next = at < 0 ? shown[0] : shown.find(([id]) => this.state.tiles.get(id).spot === place);
    next?.[1].root.focus();
    return true;
  }
}
