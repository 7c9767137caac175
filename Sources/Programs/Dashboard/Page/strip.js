// The waveform around an alarm: ten seconds before it was raised and ten after, as the dashboard keeps them.

import { Traces, leadNames, readWave } from "./traces.js";
import { setting } from "./settings.js";
import { clock, element, words } from "./words.js";

/// Millimetres a second: 20 s are 250 mm, which a printed page has room for.
const speed = 12.5;
const margin = { left: 12, right: 2, top: 4, bottom: 5 };
const tall = 24;
const size = { width: margin.left + 20 * speed + margin.right, height: margin.top + tall + margin.bottom };
/// Strips that this page keeps; the dashboard has the others.
const keptMax = 60;
/// Milliseconds between two questions for a strip that is not whole yet.
const againAfter = 2000;

const bright = { paper: "#fffafa", light: "#f7dfdc", heavy: "#ecbab4", ink: "#10131a", text: "#10131a", mark: "#b00010", none: "#e4e4e4" };
const dark = { paper: "#0c1210", light: "#14201a", heavy: "#22382f", ink: "#d9ffe6", text: "#cfe9da", mark: "#ff5a5f", none: "#1d2622" };

/// Draws a strip at `scale` device pixels a millimetre.
function draw(canvas, strip, scale, colors) {
  canvas.width = Math.round(size.width * scale);
  canvas.height = Math.round(size.height * scale);
  const context = canvas.getContext("2d");
  const x = (sample) => (margin.left + ((sample - strip.sample + strip.reach) / 500) * speed) * scale;
  paper(context, scale, colors);
  const traces = new Traces(2, 24);
  for (const text of strip.waves) {
    const wave = readWave(text);
    if (wave && wave.epoch === strip.epoch) traces.take(wave, 0);
  }
  const first = strip.sample - strip.reach;
  const last = strip.sample + strip.reach;
  const from = traces.end === null ? last : Math.max(first, traces.first * 2);
  const to = traces.end === null ? last : Math.min(last, traces.end * 2);
  context.fillStyle = colors.none;
  if (from > first) context.fillRect(x(first), margin.top * scale, x(from) - x(first), tall * scale);
  if (to < last && traces.end !== null) context.fillRect(x(to), margin.top * scale, x(last) - x(to), tall * scale);
  const { gain, base } = fit(traces, from / 2, to / 2);
  mark(context, x(strip.sample), scale, colors.mark);
  if (strip.onset !== null && strip.onset > first && strip.onset < strip.sample) onset(context, x(strip.onset), x(strip.sample), scale, colors.mark);
  for (const [lead, ring] of traces.rings) trace(context, { lead, ring, traces, from: from / 2, to: to / 2, x, base, gain, scale, colors });
  pulse(context, base, gain, scale, colors);
  caption(context, strip, gain, scale, colors);
  Object.assign(canvas.dataset, { scale, gain, base, speed, left: margin.left, sample: strip.sample, whole: strip.whole });
}

function paper(context, scale, colors) {
  context.fillStyle = colors.paper;
  context.fillRect(0, 0, context.canvas.width, context.canvas.height);
  for (const isHeavy of [false, true]) {
    context.fillStyle = isHeavy ? colors.heavy : colors.light;
    const thick = Math.max(1, Math.round(scale / (isHeavy ? 6 : 12)));
    for (let mm = 0; mm <= 20 * speed; mm += 1) {
      if ((mm % 5 === 0) === isHeavy) context.fillRect(Math.round((margin.left + mm) * scale), margin.top * scale, thick, tall * scale);
    }
    for (let mm = 0; mm <= tall; mm += 1) {
      if ((mm % 5 === 0) === isHeavy) context.fillRect(margin.left * scale, Math.round((margin.top + mm) * scale), 20 * speed * scale, thick);
    }
  }
}

/// The largest scale in which the trace stays on its paper, and where its base line stands.
function fit(traces, from, to) {
  let [least, greatest] = [0, 0];
  for (const ring of traces.rings.values()) {
    for (let index = Math.floor(from); index < to; index += 1) {
      const value = ring.at(index);
      if (value < least) least = value;
      if (value > greatest) greatest = value;
    }
  }
  const gain = [10, 5, 2.5].find((each) => (greatest - least) * each <= tall - 2) ?? 1.25;
  const base = Math.min(Math.max(margin.top + 1 + greatest * gain, margin.top + 0.55 * tall), margin.top + tall - 1 + least * gain);
  return { gain, base };
}

/// Where the alarm was raised.
function mark(context, x, scale, color) {
  context.fillStyle = color;
  context.fillRect(Math.round(x), margin.top * scale, Math.max(2, Math.round(scale / 3)), tall * scale);
  context.beginPath();
  context.moveTo(x - 1.6 * scale, (margin.top - 2.6) * scale);
  context.lineTo(x + 1.8 * scale, (margin.top - 2.6) * scale);
  context.lineTo(x, margin.top * scale);
  context.fill();
}

/// From where what raised it began.
function onset(context, from, to, scale, color) {
  context.fillStyle = color;
  context.fillRect(Math.round(from), (margin.top - 1.4) * scale, to - from, Math.max(1, Math.round(scale * 0.5)));
  context.fillRect(Math.round(from), (margin.top - 2.2) * scale, Math.max(1, Math.round(scale * 0.4)), 2.2 * scale);
}

function trace(context, { lead, ring, traces, from, to, x, base, gain, scale, colors }) {
  context.save();
  context.beginPath();
  context.rect(margin.left * scale, margin.top * scale, 20 * speed * scale, tall * scale);
  context.clip();
  context.strokeStyle = colors.ink;
  context.lineWidth = Math.max(1, scale * 0.3);
  context.lineJoin = "round";
  context.beginPath();
  let isDown = false;
  let begin = null;
  for (let index = Math.floor(from); index < to; index += 1) {
    const value = ring.at(index);
    if (Number.isNaN(value)) { isDown = false; continue; }
    const [px, py] = [x(index * 2), (base - value * gain) * scale];
    if (isDown) context.lineTo(px, py); else context.moveTo(px, py);
    isDown = true;
    begin ??= px;
  }
  context.stroke();
  context.restore();
  if (begin === null) return;
  const name = traces.isPatch ? words().patch : leadNames[lead] + (traces.derived.has(lead) ? "*" : "");
  context.font = `600 ${Math.round(3.2 * scale)}px "DejaVu Serif", Georgia, serif`;
  context.strokeStyle = colors.paper;
  context.lineWidth = scale * 0.8;
  context.strokeText(name, begin + scale, (margin.top + 3.6) * scale);
  context.fillStyle = colors.text;
  context.fillText(name, begin + scale, (margin.top + 3.6) * scale);
}

function pulse(context, base, gain, scale, colors) {
  context.strokeStyle = colors.ink;
  context.lineWidth = Math.max(1, scale * 0.3);
  context.beginPath();
  for (const [x, y] of [[2, base], [3.5, base], [3.5, base - gain], [8.5, base - gain], [8.5, base], [10, base]]) context.lineTo(x * scale, y * scale);
  context.stroke();
}

function caption(context, strip, gain, scale, colors) {
  const w = words();
  context.fillStyle = colors.text;
  context.font = `${Math.round(2.6 * scale)}px system-ui, sans-serif`;
  const y = (margin.top + tall + 3.6) * scale;
  context.textAlign = "left";
  context.fillText(`−10 s`, margin.left * scale, y);
  context.textAlign = "center";
  context.fillText(w.raised, (margin.left + 10 * speed) * scale, y);
  context.textAlign = "right";
  context.fillText(`+10 s`, (margin.left + 20 * speed) * scale, y);
  context.textAlign = "left";
  context.fillText(`${speed} mm/s · ${gain} mm/mV · 0.5–40 Hz`, (margin.left + 20) * scale, y);
  context.textAlign = "right";
  context.fillText(w.researchShort, (margin.left + 20 * speed - 16) * scale, y);
  context.textAlign = "left";
}

/// What this page has of one strip, asked for until it is whole.
class StripData {
  constructor(source, alarm) {
    this.source = source;
    this.alarm = alarm;
    this.strip = null;
    /// Whether nothing more is to be asked: it is whole, none is kept, or nothing more comes.
    this.isOver = false;
    this.isPending = false;
    this.askedAt = -Infinity;
    this.quiet = 0;
  }

  async refresh() {
    const now = performance.now();
    if (this.isPending || this.isOver || now - this.askedAt < againAfter) return;
    this.isPending = true;
    this.askedAt = now;
    try {
      const answer = await fetch(`/api/strip?source=${this.source}&alarm=${encodeURIComponent(this.alarm)}`);
      if (answer.ok) {
        const before = this.strip?.waves.length ?? -1;
        this.strip = (await answer.json()).strip;
        // Where nothing has come for half a minute, nothing will: the stream is over or silent.
        this.quiet = this.strip?.waves.length === before ? this.quiet + 1 : 0;
        this.isOver = this.strip === null || this.strip.whole || this.quiet > 15;
      }
    } catch { /* asked again */ }
    this.isPending = false;
  }
}

const kept = new Map();

/// The data of an alarm's strip; the same as long as this page keeps it.
function dataOf(source, alarm) {
  const key = `${source} ${alarm}`;
  let data = kept.get(key);
  if (!data) {
    if (kept.size >= keptMax) kept.delete(kept.keys().next().value);
    kept.set(key, (data = new StripData(source, alarm)));
  }
  return data;
}

/// One strip at one place of a page: its picture, or in its place the sentence on why there is none.
export class StripView {
  constructor(source, alarm) {
    this.data = dataOf(source, alarm);
    this.canvas = element("canvas", { class: "strip", role: "img", hidden: true });
    this.heading = element("figcaption", { class: "strip-title" });
    this.note = element("p", { class: "quiet" });
    this.root = element("figure", { class: "strip-box", "data-strip": alarm }, this.heading, element("div", { class: "strip-paper" }, this.canvas), this.note);
    this.drawn = "";
  }

  /// Asks for what is not there yet, and draws what is new.
  async refresh() {
    this.draw();
    await this.data.refresh();
    this.draw();
  }

  draw(scale = null, colors = null) {
    const w = words();
    const { strip, isOver } = this.data;
    this.note.textContent = strip === null ? (isOver ? w.noStrip : w.stripAsked) : strip.whole ? "" : isOver ? w.stripCut : w.stripComing;
    if (strip === null) return;
    const ratio = devicePixelRatio || 1;
    const isPrinted = scale !== null;
    const wide = this.root.clientWidth || 1000;
    const pixels = scale ?? Math.min(Math.max(Math.floor((wide / size.width) * ratio), Math.ceil(2.4 * ratio), 2), Math.round(6 * ratio));
    const key = JSON.stringify([pixels, isPrinted || setting("theme"), setting("language"), strip.waves.length, strip.whole]);
    if (key === this.drawn) return;
    this.drawn = key;
    this.canvas.hidden = false;
    draw(this.canvas, strip, pixels, colors ?? (setting("theme") === "dark" ? dark : bright));
    if (!isPrinted) {
      this.canvas.style.width = `${this.canvas.width / ratio}px`;
      this.canvas.style.height = `${this.canvas.height / ratio}px`;
    }
    this.canvas.style.setProperty("--width-mm", `${size.width}mm`);
    this.canvas.style.setProperty("--height-mm", `${size.height}mm`);
    this.canvas.setAttribute("aria-label", this.heading.textContent);
  }

  drawForPrint() { this.draw(8, bright); }
}

/// The strips at one place of a page, by their alarms; those that are not asked for any more are forgotten.
export class Strips {
  constructor() { this.views = new Map(); }

  /// The strip of an alarm; `label` is what stands over it.
  view(source, alarm, label) {
    const key = `${source} ${alarm}`;
    let view = this.views.get(key);
    if (!view) this.views.set(key, (view = new StripView(source, alarm)));
    view.heading.textContent = label;
    return view;
  }

  refresh() { for (const view of this.shown()) view.refresh(); }
  draw() { for (const view of this.shown()) view.draw(); }
  drawForPrint() { for (const view of this.shown()) view.drawForPrint(); }

  /// Those that stand on the page.
  shown() {
    for (const [key, view] of this.views) if (!view.root.isConnected) this.views.delete(key);
    return this.views.values();
  }
}

/// What stands over a strip.
export const stripLabel = (title, symbol, time) => `${symbol} ${title} · ${clock(Date.parse(time))}`;
