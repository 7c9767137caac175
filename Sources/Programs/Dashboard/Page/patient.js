// One patient: twelve leads on paper, what the model suggests, and what that rests on.

import { drawPaper, plan } from "./paper.js";
import { ackButton, pauseButtons, refill, settingOf, settingWords } from "./acts.js";
import { byUrgency, chip, raisedAt, stepRows, symbols, title } from "./alarms.js";
import { me } from "./people.js";
import { choose, setting } from "./settings.js";
import { Strips, stripLabel } from "./strip.js";
import { Trend } from "./trend.js";
import { wardButtons } from "./ward.js";
import { clock, day, element, percent, statement, words, zone } from "./words.js";

const bright = { paper: "#fffafa", light: "#f7d9d6", heavy: "#e7a9a2", ink: "#10131a", text: "#10131a" };
const dark = { paper: "#0c1210", light: "#16241d", heavy: "#28463a", ink: "#d9ffe6", text: "#cfe9da" };

export class Patient {
  constructor(page, state, id) {
    this.state = state;
    this.id = id;
    this.isHeld = false;
    this.start = null;
    this.epoch = null;
    this.shownWindow = null;
    this.drawnKey = "";
    this.canvas = element("canvas", { class: "paper", role: "img" });
    this.title = element("h1");
    this.word = element("p", { class: "word" });
    this.tools = element("div", { class: "tools" });
    // What can be pressed stays where it is while the rest is written anew each second.
    this.answers = element("section", { class: "answers" });
    this.set = element("p", { class: "set" });
    this.rest = element("div");
    this.vitals = element("section", { class: "vitals" });
    this.side = element("aside", {}, this.vitals, this.answers, this.set, this.rest);
    this.box = element("div", { class: "paper-box" }, this.canvas);
    this.strips = element("section", { class: "strips" });
    this.around = new Strips();
    this.trend = new Trend(state, id);
    this.main = element("div", { class: "patient-main" }, this.box, this.strips, this.trend.root);
    // Beside the name and not on the paper, where it would hide a part of a trace.
    this.head = element("div", { class: "patient-head" }, this.title, this.word, this.tools);
    page.replaceChildren(element("div", { class: "patient" }, this.head, this.main, this.side));
    this.observer = new ResizeObserver(() => this.measure());
    this.observer.observe(this.main);
    this.before = () => this.drawForPrint();
    this.after = () => this.measure();
    addEventListener("beforeprint", this.before);
    addEventListener("afterprint", this.after);
    this.buildTools();
    this.write();
  }

  close() {
    this.observer.disconnect();
    removeEventListener("beforeprint", this.before);
    removeEventListener("afterprint", this.after);
  }

  get tile() { return this.state.tiles.get(this.id); }
  get chosen() { return this.tile; }
  get traces() { return this.state.diagnostic.get(this.id); }

  buildTools() {
    const w = words();
    const select = (name, label, options) => {
      const list = element("select", { "data-choice": name }, ...options.map(([value, text]) =>
        element("option", { value, selected: setting(name) === value }, text)));
      list.addEventListener("change", () => choose(name, list.value));
      return element("label", {}, `${label} `, list);
    };
    this.holdButton = element("button", { type: "button", "data-act": "hold" });
    this.holdButton.addEventListener("click", () => this.hold());
    const print = element("button", { type: "button", "data-act": "print" }, w.print);
    print.addEventListener("click", () => window.print());
    this.tools.replaceChildren(
      select("paper", w.paper, [["3x4", "3×4+1"], ["6x2", "6×2"], ["12x1", "12×1"]]),
      select("order", w.order, [["standard", w.standard], ["Cabrera", w.Cabrera]]),
      select("gain", w.gain, [["5", "5 mm/mV"], ["10", "10 mm/mV"], ["20", "20 mm/mV"]]),
      select("speed", w.speed, [["25", "25 mm/s"], ["50", "50 mm/s"]]),
      this.holdButton, print);
    this.writeHold();
  }

  writeHold() {
    this.holdButton.textContent = this.isHeld ? words().release : words().hold;
    this.holdButton.setAttribute("aria-pressed", String(this.isHeld));
  }

  hold() {
    this.isHeld = !this.isHeld;
    this.writeHold();
    this.draw();
    this.write();
  }

  key(event) {
    if (event.key === " ") { this.hold(); return true; }
    if (event.key === "p" || event.key === "P") { window.print(); return true; }
    return false;
  }

  /// The ten seconds that are shown: those of the newest window as soon as its samples are all there.
  frame() {
    if (this.isHeld || !this.traces || this.traces.end === null) return;
    const { data } = this.state.window?.tile === this.id ? this.state.window : {};
    const first = data?.window?.first_sample;
    const isCurrent = data && data.stream === this.tile?.stream;
    if (this.traces.epoch !== this.epoch) this.start = null;
    this.epoch = this.traces.epoch;
    let start = this.start;
    if (isCurrent && this.traces.end >= first + 5000) start = first;
    else if (start === null || this.traces.first > start) start = Math.max(this.traces.first, 0);
    if (this.traces.end - start > 6200) start = this.traces.end - 5000;
    const key = `${this.traces.epoch} ${start} ${Math.min(this.traces.end, start + 5000)}`;
    if (key === this.drawnKey) return;
    this.drawnKey = key;
    this.start = start;
    this.shownWindow = isCurrent && first === start ? this.state.window : this.shownWindow;
    this.draw();
    this.write();
  }

  get scale() {
    const ratio = devicePixelRatio || 1;
    const { width, height } = plan(setting("paper"), setting("order"), Number(setting("speed")));
    const room = Math.min((this.main.clientWidth - 6) / width, Math.max(this.main.clientHeight, 320) / height);
    // On a narrow screen the paper keeps a size that can be read, and is moved sideways.
    return Math.max(Math.floor(room * ratio), Math.ceil(2.4 * ratio), 2);
  }

  options(scale, colors) {
    const w = words();
    const collected = this.start === null || !this.traces ? 0 : Math.min(10, (this.traces.end - this.start) / 500);
    const seconds = collected < 9.9 ? ` · ${w.collecting(Math.max(0, collected).toFixed(0))}` : "";
    const mark = this.traces && this.traces.derived.size > 0 ? ` · ${w.computedMark}` : "";
    return {
      traces: this.traces ?? { rings: new Map(), derived: new Set(), rate: 500, isPatch: false }, start: this.start,
      layout: setting("paper"), order: setting("order"), gain: Number(setting("gain")), speed: Number(setting("speed")),
      scale, colors, absent: { word: w.absent, patch: w.patch, beyond: w.beyond },
      caption: `${setting("speed")} mm/s · ${setting("gain")} mm/mV · ${w.filterShort} ${w.filter}${mark}${seconds} · ${w.researchShort}`,
    };
  }

  draw() {
    const ratio = devicePixelRatio || 1;
    const { scale } = this;
    const { width, height } = plan(setting("paper"), setting("order"), Number(setting("speed")));
    drawPaper(this.canvas, this.options(scale, setting("theme") === "dark" ? dark : bright));
    this.canvas.style.width = `${this.canvas.width / ratio}px`;
    this.canvas.style.height = `${this.canvas.height / ratio}px`;
    // On a printed page a millimetre is a millimetre.
    this.canvas.style.setProperty("--width-mm", `${width}mm`);
    this.canvas.style.setProperty("--height-mm", `${height}mm`);
  }

  drawForPrint() {
    drawPaper(this.canvas, this.options(12, bright));
    this.around.drawForPrint();
    this.trend.draw(true);
  }

  choice() { this.buildTools(); this.measure(); this.write(); this.trend.choice(); }

  second() {
    this.write();
    this.around.refresh();
    this.trend.second();
  }

  measure() {
    this.draw();
    this.around.draw();
    this.trend.draw();
  }

  write() {
    const w = words();
    const { tile } = this;
    if (!tile) {
      this.title.textContent = w.gone;
      this.rest.replaceChildren();
      refill(this.answers, "", () => []);
      return;
    }
    const source = this.state.sources.get(tile.source);
    this.title.replaceChildren(element("span", { class: "name" }, tile.title), tile.shown ? element("span", { class: "shown" }, ` ${tile.shown}`) : "",
      element("span", { class: "device" }, ` ${tile.hasBed ? `${tile.patient} · ` : ""}${tile.device}`), element("span", { class: "printed" }, ` · ${this.printedAt()} · ${w.researchShort}`));
    let word = "";
    if (source?.state === "lost") word = w.lost;
    else if (tile.state === "closed") word = w.ended(tile.why ?? "?");
    else if (tile.state === "silent") word = w.noSignal;
    this.word.textContent = this.isHeld ? [w.held, word].filter(Boolean).join(" · ") : word;
    this.box.dataset.state = source?.state === "lost" ? "lost" : tile.state;
    const shown = this.shownWindow;
    this.canvas.setAttribute("aria-label", `${tile.title}: ${w.leads(12)}`);
    this.writeVitals(tile, source);
    this.writeAnswers(tile, source);
    this.writeStrips(tile);
    this.rest.replaceChildren(...[...(shown && shown.data.stream === tile.stream
      ? [this.rests(shown), ...this.statements(shown), this.leads(shown), this.steps(tile), this.notRanked(shown), this.never(source)]
      : [element("p", { class: "quiet" }, w.starting), this.steps(tile), this.never(source)])].filter(Boolean));
  }

  /// When the ten seconds on the paper were recorded, for whoever holds the printed page.
  printedAt() {
    const data = this.shownWindow?.data;
    if (!data || data.stream !== this.tile?.stream) return "";
    const begin = Date.parse(data.window.start);
    return `${day(begin)} ${clock(begin)} (${zone()})`;
  }

  /// The figures of the newest second, large; what is older than 5 s is not shown.
  writeVitals(tile, source) {
    const w = words();
    const { vitals } = tile;
    const isOld = !vitals || vitals.age + performance.now() - tile.receivedAt > 5000 || source?.state !== "heard" || tile.state === "closed";
    const figure = (value) => (isOld || value === null || value === undefined ? "--" : String(Math.round(value)));
    this.vitals.title = !isOld && vitals.rate === null ? w.noRate[vitals.why] ?? "" : isOld ? w.noRate.old : w.perMinute;
    this.vitals.replaceChildren(
      element("p", { class: "rate" }, `${w.rate} `, element("b", {}, figure(vitals?.rate)), element("small", {}, " /min")),
      ...[["PR", vitals?.pr, "ms"], ["QRS", vitals?.qrs, "ms"], ["QTc", vitals?.qtc, "ms"], [w.ectopic, vitals?.ectopic, "/min"]]
        .map(([name, value, unit]) => element("p", {}, `${name} `, element("b", {}, figure(value)), element("small", {}, ` ${unit}`))));
  }

  /// The waveforms around what alarms, and around the newest alarms before: three at most.
  writeStrips(tile) {
    const w = words();
    const begun = this.state.steps.filter((step) => step.phase === "start" && step.class !== "technical"
      && step.patient === tile.patient && step.device === tile.device && step.source === tile.source).reverse();
    const alarms = new Map();
    for (const each of [...[...tile.alarms].sort(byUrgency).filter((alarm) => alarm.class !== "technical"), ...begun]) {
      if (alarms.size < 3 && !alarms.has(each.id)) alarms.set(each.id, each);
    }
    const labelled = [...alarms.values()].map((each) =>
      [each.id, stripLabel(title(each), symbols[each.priority] ?? "?", raisedAt(this.state, each))]);
    const who = [tile.title, tile.shown, tile.hasBed ? tile.patient : null, tile.device].filter(Boolean).join(" · ");
    refill(this.strips, JSON.stringify([setting("language"), who, labelled]), () =>
      [element("p", { class: "printed" }, `${who} · ${day(Date.now())} · ${w.researchShort}`), alarms.size === 0 ? "" : element("h2", {}, w.strips), ...labelled.map(([id, label]) => this.around.view(tile.source, id, label).root)]);
  }

  writeAnswers(tile, source) {
    const set = settingOf(this.state, tile);
    const isStale = source?.state !== "heard";
    this.set.textContent = settingWords(set).join(" · ");
    refill(this.answers, JSON.stringify([setting("language"), me.user, isStale, tile.title, tile.alarms, set.audio !== null, set.alarm !== null, set.standby]), () => {
      const alarms = [...tile.alarms].sort(byUrgency).map((alarm) => element("li", {}, chip(alarm, { isStale }), ackButton(tile, alarm),
        alarm.agrees ? element("small", { class: "quiet" }, ` ${words().agrees}`) : null));
      return [alarms.length > 0 ? element("h2", {}, words().alarms) : "", alarms.length > 0 ? element("ul", { class: "standing" }, ...alarms) : "",
        element("div", { class: "acts" }, ...pauseButtons(this.state, tile), ...wardButtons(this.state, tile))];
    });
  }

  /// What happened to this patient's alarms since the dashboard began, the newest ten.
  steps(tile) {
    const steps = this.state.steps.filter((step) =>
      step.patient === tile.patient && step.device === tile.device && step.source === tile.source);
    return steps.length === 0 ? null : element("section", { class: "steps-box" }, element("h2", {}, words().happenings),
      element("table", { class: "steps" }, element("tbody", {}, ...stepRows(this.state, steps.slice(-10), { withPatient: false }))));
  }

  rests(shown) {
    const w = words();
    const { window: window_ } = shown.data;
    const age = Math.round((shown.age + performance.now() - shown.receivedAt) / 1000);
    return element("section", {}, element("h2", {}, w.window),
      element("p", {}, w.windowOf(`${day(Date.parse(window_.start))} ${clock(Date.parse(window_.start))}`, clock(Date.parse(window_.end)), zone())),
      age > 5 ? element("p", { class: "caution" }, w.ago(age)) : null);
  }

  statements(shown) {
    const w = words();
    if (shown.data.window_withheld) {
      return [element("section", {}, element("h2", {}, w.statements),
        element("p", { class: "caution" }, w.withheld[shown.data.window_withheld] ?? shown.data.window_withheld))];
    }
    const row = (entry) => {
      const bar = element("span", { class: "bar", role: "img", "aria-label": percent(entry.p) }, element("i"), element("b"));
      bar.firstChild.style.width = `${(entry.p ?? 0) * 100}%`;
      bar.lastChild.style.left = `${entry.threshold * 100}%`;
      return element("li", {}, element("span", { class: "statement" }, statement(entry)),
        element("span", { class: "p" }, entry.p === null ? "–" : percent(entry.p)), bar,
        entry.p === null ? element("small", {}, w.noProbability) : null);
    };
    const list = (entries, kind) => element("ol", { class: `statements ${kind}` }, ...entries.map(row));
    return [element("section", {}, element("h2", {}, w.statements),
      shown.found.length > 0 ? list(shown.found, "found") : element("p", { class: "quiet" }, w.none),
      shown.near.length > 0 ? element("h3", {}, w.below) : null,
      shown.near.length > 0 ? list(shown.near.slice(0, 5), "near") : null)];
  }

  leads(shown) {
    const w = words();
    const used = new Set(shown.data.leads_used);
    return element("section", {}, element("h2", {}, `${w.leadsOf} · ${w.leads(used.size)}`),
      element("ul", { class: "leads" }, ...shown.data.leads.map((each) => {
        const words_ = each.reason ? w.noECG[each.reason] ?? each.reason
          : each.source === "absent" ? w.absent : each.source === "patch" ? w.patch : `${Math.floor(each.coverage * 100)} %`;
        return element("li", { class: used.has(each.lead) ? "used" : each.source === "absent" ? "absent" : "caution" },
          element("b", {}, each.lead + (each.source === "derived" ? "*" : "")), ` ${words_}`);
      })));
  }

  notRanked(shown) {
    const w = words();
    const byNeed = new Map();
    for (const each of shown.data.withheld) byNeed.set(each.needs, [...(byNeed.get(each.needs) ?? []), each.id]);
    if (byNeed.size === 0) return null;
    return element("section", {}, element("h2", {}, w.notRanked), ...[...byNeed].map(([needs, ids]) =>
      element("details", {}, element("summary", {}, w.needs(needs, ids.length)),
        element("p", {}, ids.map((id) => {
          const label = this.state.labels.get(id);
          return label ? statement(label) : id;
        }).join(", ")))));
  }

  never(source) {
    return source?.not_looked_for
      ? element("section", { class: "never" }, element("h2", {}, words().notLookedFor), element("p", { lang: "en" }, source.not_looked_for))
      : null;
  }
}
