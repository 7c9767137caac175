// Vital signs of the last day: a line a minute, of the dashboard's memory and of the daemon's journal. What neither has is
// said in its place.

import { choose, setting } from "./settings.js";
import { symbols } from "./alarms.js";
import { clock, element, words, zone } from "./words.js";

const minute = 60_000;
/// Milliseconds between two questions.
const askEvery = 20_000;
const left = 46;
const right = 74;
const axis = 18;

/// The rows: which columns of a minute they show, and how far their scale reaches at least.
const rows = [
  { name: "rate", tall: 92, low: 1, mean: 2, high: 3, least: 40, most: 120, unit: "/min" },
  { name: "ectopic", tall: 40, mean: 4, least: 0, most: 10, unit: "/min" },
  { name: "qtc", tall: 52, mean: 7, least: 350, most: 500, unit: "ms" },
];
const height = rows.reduce((sum, row) => sum + row.tall + 8, axis);

export class Trend {
  constructor(state, id) {
    this.state = state;
    this.id = id;
    this.data = null;
    this.askedAt = -Infinity;
    this.canvas = element("canvas", { class: "trend", role: "img" });
    this.heading = element("h2");
    this.hours = element("select", { "data-choice": "hours" });
    this.hours.addEventListener("change", () => choose("hours", this.hours.value));
    this.read = element("span", { class: "quiet figures" });
    this.canvas.addEventListener("pointermove", (event) => this.point(event.offsetX));
    this.canvas.addEventListener("pointerleave", () => { this.read.textContent = ""; });
    this.root = element("section", { class: "trend-box" },
      element("div", { class: "trend-head" }, this.heading, this.hours, this.read), this.canvas);
    this.choice();
  }

  choice() {
    const w = words();
    this.heading.textContent = w.trend;
    this.hours.replaceChildren(...["1", "4", "8", "24"].map((hours) =>
      element("option", { value: hours, selected: setting("hours") === hours }, w.hours(hours))));
    this.hours.setAttribute("aria-label", w.trend);
    this.draw();
  }

  /// Called once a second.
  async second() {
    const now = performance.now();
    if (now - this.askedAt < askEvery) return;
    this.askedAt = now;
    try {
      const answer = await fetch(`/api/trend?tile=${this.id}`);
      const { trend } = answer.ok ? await answer.json() : {};
      if (trend) this.data = { ...trend, at: now };
    } catch { /* asked again */ }
    this.draw();
  }

  /// The span that is shown, in UTC milliseconds.
  get span() {
    const end = this.data ? this.data.utc + performance.now() - this.data.at : Date.now();
    return { begin: end - Number(setting("hours")) * 60 * minute, end };
  }

  draw(forPrint = false) {
    const wide = forPrint ? 1000 : this.root.clientWidth - 20;
    if (wide < 100) return;
    const ratio = forPrint ? 2 : devicePixelRatio || 1;
    this.canvas.width = Math.round(wide * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.canvas.style.width = `${wide}px`;
    this.canvas.style.height = `${height}px`;
    const context = this.canvas.getContext("2d");
    context.scale(ratio, ratio);
    const style = getComputedStyle(document.documentElement);
    const color = (name) => (forPrint ? { "--edge": "#ccc", "--text": "#000", "--quiet": "#444", "--trace": "#0a6b3a", "--tile": "#fff", "--caution": "#8a5200" }[name] : style.getPropertyValue(name).trim());
    this.width = wide;
    const { begin, end } = this.span;
    const x = (utc) => left + ((utc - begin) / (end - begin)) * (wide - left - right);
    context.font = "12px system-ui, sans-serif";
    let top = 0;
    for (const row of rows) {
      this.row(context, row, top, x, color);
      top += row.tall + 8;
    }
    this.axis(context, top, x, color);
    this.lack(context, top, x, color);
    this.alarms(context, x);
    const newest = this.data?.minutes.at(-1);
    this.canvas.setAttribute("aria-label", `${words().trend}: ${newest ? this.say(newest) : words().noTrend}`);
    this.canvas.dataset.minutes = String(this.data?.minutes.length ?? 0);
  }

  row(context, row, top, x, color) {
    const w = words();
    const { begin, end } = this.span;
    const shown = (this.data?.minutes ?? []).filter((each) => each[0] + minute > begin && each[0] < end);
    const values = shown.flatMap((each) => [row.low, row.mean, row.high].filter(Boolean).map((place) => each[place])).filter((value) => value !== null);
    const least = Math.min(row.least, ...values);
    const most = Math.max(row.most, ...values);
    const y = (value) => top + row.tall - 4 - ((value - least) / (most - least)) * (row.tall - 8);
    context.fillStyle = color("--tile");
    context.fillRect(left, top, this.width - left - right, row.tall);
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (const value of [least, (least + most) / 2, most]) {
      context.fillStyle = color("--edge");
      context.fillRect(left, Math.round(y(value)), this.width - left - right, 1);
      context.fillStyle = color("--quiet");
      context.fillText(String(Math.round(value)), left - 5, Math.min(Math.max(y(value), top + 7), top + row.tall - 7));
    }
    if (row.name === "rate") this.limits(context, y, least, most, color);
    const wide = Math.max(1, x(begin + minute) - x(begin));
    if (row.low) {
      context.fillStyle = color("--trace");
      context.globalAlpha = 0.35;
      for (const each of shown) {
        if (each[row.low] === null) continue;
        const from = Math.max(left, x(each[0]));
        context.fillRect(from, y(each[row.high]) - 0.5, Math.min(x(each[0]) + wide, this.width - right) - from, y(each[row.low]) - y(each[row.high]) + 1);
      }
      context.globalAlpha = 1;
    }
    this.line(context, shown, row, x, y, wide, color("--trace"));
    context.textAlign = "left";
    context.fillStyle = color("--text");
    const newest = shown.at(-1)?.[row.mean] ?? null;
    context.font = "600 12px system-ui, sans-serif";
    context.fillText(w.trendRows[row.name], this.width - right + 8, top + row.tall / 2 - 9);
    context.font = "12px system-ui, sans-serif";
    context.fillText(newest === null ? "--" : `${Math.round(newest)} ${row.unit}`, this.width - right + 8, top + row.tall / 2 + 9);
  }

  /// A line through the means; where a minute has none, there is a gap.
  line(context, shown, row, x, y, wide, color) {
    context.strokeStyle = color;
    context.lineWidth = 1.6;
    context.beginPath();
    let before = null;
    for (const each of shown) {
      const value = each[row.mean];
      if (value === null) { before = null; continue; }
      const from = Math.max(left, x(each[0]));
      if (before === null || each[0] - before > 1.5 * minute) context.moveTo(from, y(value)); else context.lineTo(from, y(value));
      // The newest minute goes on: its line ends now.
      context.lineTo(Math.min(x(each[0]) + wide, this.width - right), y(value));
      before = each[0];
    }
    context.stroke();
  }

  /// The rates beyond which the patient alarms, where somebody or the ward's policy set them.
  limits(context, y, least, most, color) {
    const tile = this.state.tiles.get(this.id);
    const source = this.state.sources.get(tile?.source);
    const set = source?.settings.find((each) => each.patient === tile.patient && each.device === tile.device);
    const limits = set?.limits ?? (source?.rates_by === "policy" ? source.rates : null);
    if (!limits) return;
    const { low, high } = limits;
    context.strokeStyle = color("--caution");
    context.setLineDash([5, 4]);
    context.lineWidth = 1;
    for (const value of [low, high].filter((each) => each > least && each < most)) {
      context.beginPath();
      context.moveTo(left, Math.round(y(value)) + 0.5);
      context.lineTo(this.width - right, Math.round(y(value)) + 0.5);
      context.stroke();
    }
    context.setLineDash([]);
  }

  axis(context, top, x, color) {
    const { begin, end } = this.span;
    const step = { 1: 10, 4: 30, 8: 60, 24: 180 }[setting("hours")] * minute;
    context.textAlign = "center";
    context.textBaseline = "top";
    for (let at = Math.ceil(begin / step) * step; at < end; at += step) {
      context.fillStyle = color("--edge");
      context.fillRect(Math.round(x(at)), 0, 1, top);
      context.fillStyle = color("--quiet");
      if (x(at) > left + 14 && x(at) < this.width - right - 14) context.fillText(clock(at).slice(0, 5), x(at), top);
    }
    context.textAlign = "left";
    context.fillStyle = color("--quiet");
    context.fillText(zone(), this.width - right + 8, top);
  }

  /// What is not known is hatched, and says so.
  lack(context, top, x, color) {
    const w = words();
    const { begin, end } = this.span;
    const since = this.data?.since ?? end;
    if (since <= begin) return;
    const wide = Math.min(x(since), this.width - right) - left;
    context.save();
    context.beginPath();
    context.rect(left, 0, wide, top - 8);
    context.clip();
    context.strokeStyle = color("--edge");
    context.lineWidth = 2;
    context.beginPath();
    for (let at = left - top; at < left + wide; at += 12) { context.moveTo(at, top); context.lineTo(at + top, 0); }
    context.stroke();
    context.restore();
    if (wide < 120) return;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.font = "600 13px system-ui, sans-serif";
    const text = this.data?.since ? w.trendLack(clock(since).slice(0, 5)) : w.noTrend;
    const room = context.measureText(text).width / 2 + 8;
    context.fillStyle = color("--tile");
    context.fillRect(left + wide / 2 - room, top / 2 - 14, 2 * room, 22);
    context.fillStyle = color("--quiet");
    context.fillText(text, left + wide / 2, top / 2 - 3, wide - 8);
  }

  /// A mark where an alarm of this patient began.
  alarms(context, x) {
    const tile = this.state.tiles.get(this.id);
    const { begin } = this.span;
    const colors = { high: "#e01217", medium: "#d8a800", low: "#1399ad" };
    context.textAlign = "center";
    context.textBaseline = "top";
    for (const step of this.state.steps) {
      const at = Date.parse(step.time);
      if (step.phase !== "start" || !colors[step.priority] || at < begin || !tile
        || step.patient !== tile.patient || step.device !== tile.device || step.source !== tile.source) continue;
      context.fillStyle = colors[step.priority];
      context.fillRect(Math.round(x(at)), 0, 2, rows[0].tall);
      context.font = "800 11px system-ui, sans-serif";
      context.fillText(symbols[step.priority], Math.round(x(at)) + 1, 1);
    }
  }

  say(each) {
    const w = words();
    const figure = (value, unit) => (value === null ? "--" : `${Math.round(value)} ${unit}`);
    return `${clock(each[0]).slice(0, 5)}  ${w.rate} ${figure(each[1], "")}–${figure(each[3], "")}, ${w.mean} ${figure(each[2], "/min")} · `
      + `${w.trendRows.ectopic} ${figure(each[4], "/min")} · PR ${figure(each[5], "ms")} · QRS ${figure(each[6], "ms")} · QTc ${figure(each[7], "ms")}`;
  }

  point(offset) {
    const { begin, end } = this.span;
    const utc = begin + ((offset - left) / (this.width - left - right)) * (end - begin);
    const found = this.data?.minutes.find((each) => utc >= each[0] && utc < each[0] + minute);
    this.read.textContent = found ? this.say(found) : "";
  }
}
