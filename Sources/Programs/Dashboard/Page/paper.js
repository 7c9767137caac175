// Twelve leads on paper: 1 mm and 5 mm grid, calibration pulse, gaps left as gaps. Lengths are millimetres.

import { leadNames } from "./traces.js";

const orders = {
  standard: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
  // aVL, I, -aVR, II, aVF, III: the frontal plane from left to right; -aVR is marked as such.
  Cabrera: [4, 0, 3, 1, 5, 2, 6, 7, 8, 9, 10, 11],
};

const margin = { left: 11, right: 2, top: 3, bottom: 7 };

/// Where each lead's strip stands, and how large the paper is.
export function plan(layout, order, speed) {
  const leads = orders[order] ?? orders.standard;
  const wide = 10 * speed;
  const strips = [];
  const row = (y, lead, from, to) => strips.push({ y, lead, from, to, isNegative: order === "Cabrera" && lead === 3 });
  // How far the first base line stands from the top, the others from each other, and the last from the bottom: a QRS of
  // 2.9 mV in the first row and of 3 mV below it stays on the paper.
  let [head, pitch, rows, tail] = [26, 30, 4, 15];
  if (layout === "12x1") {
    [head, pitch, rows, tail] = [12, 12, 12, 10];
    leads.forEach((lead, place) => row(margin.top + head + place * pitch, lead, 0, 10));
  } else if (layout === "6x2") {
    [head, pitch, rows, tail] = [16, 21, 6, 12];
    leads.forEach((lead, place) => row(margin.top + head + (place % 6) * pitch, lead, 5 * Math.floor(place / 6), 5 * Math.floor(place / 6) + 5));
  } else {
    leads.forEach((lead, place) => {
      const column = Math.floor(place / 3);
      row(margin.top + head + (place % 3) * pitch, lead, 2.5 * column, 2.5 * column + 2.5);
    });
    row(margin.top + head + 3 * pitch, 1, 0, 10);
  }
  const height = margin.top + head + (rows - 1) * pitch + tail + margin.bottom;
  return { strips, wide, width: margin.left + wide + margin.right, height };
}

/// Draws a paper at `scale` device pixels a millimetre, a whole number, so that lines fall on pixels.
///
/// `traces` holds the samples, `start` the first of the ten seconds, `gain` is in mm/mV.
export function drawPaper(canvas, { traces, start, layout, order, gain, speed, scale, colors, caption, absent }) {
  const { strips, width, height } = plan(layout, order, speed);
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const context = canvas.getContext("2d");
  grid(context, width, height, scale, colors);
  context.lineJoin = "round";
  context.textBaseline = "alphabetic";
  pulses(context, strips, gain, scale, colors);
  const isBeyond = strips
    .map((strip) => lead(context, strip, { traces, start, gain, speed, scale, colors, absent })).includes(true);
  context.fillStyle = colors.text;
  context.font = `${Math.round(2.7 * scale)}px system-ui, sans-serif`;
  context.fillText(isBeyond ? `${caption} · ${absent.beyond}` : caption, margin.left * scale, (height - 2) * scale);
  // What a reader of the picture, a test among them, measures by.
  canvas.dataset.scale = scale;
  canvas.dataset.gain = gain;
  canvas.dataset.speed = speed;
  canvas.dataset.start = start ?? "";
  canvas.dataset.beyond = isBeyond;
  canvas.dataset.height = canvas.height;
  canvas.dataset.left = margin.left;
  canvas.dataset.strips = JSON.stringify(strips.map((s) => [leadNames[s.lead], s.y, s.from, s.to]));
}

function grid(context, width, height, scale, colors) {
  context.fillStyle = colors.paper;
  context.fillRect(0, 0, context.canvas.width, context.canvas.height);
  for (const isHeavy of [false, true]) {
    context.fillStyle = isHeavy ? colors.heavy : colors.light;
    const thick = isHeavy ? Math.max(1, Math.round(scale / 6)) : Math.max(1, Math.round(scale / 12));
    for (let x = margin.left % 5; x <= width; x += 1) {
      const mm = Math.round(x - margin.left);
      if ((mm % 5 === 0) === isHeavy) context.fillRect(Math.round(x * scale), 0, thick, context.canvas.height);
    }
    for (let y = 0; y <= height; y += 1) {
      const mm = Math.round(y - margin.top);
      if ((mm % 5 === 0) === isHeavy) context.fillRect(0, Math.round(y * scale), context.canvas.width, thick);
    }
  }
}

/// The calibration pulse at the left of each row: 1 mV high, 5 mm wide.
function pulses(context, strips, gain, scale, colors) {
  context.strokeStyle = colors.ink;
  context.lineWidth = Math.max(1, scale * 0.3);
  for (const y of new Set(strips.map((strip) => strip.y))) {
    const base = y * scale;
    const top = (y - gain) * scale;
    context.beginPath();
    for (const [x, at] of [[2, base], [3.5, base], [3.5, top], [8.5, top], [8.5, base], [10, base]]) {
      context.lineTo(x * scale, at);
    }
    context.stroke();
  }
}

/// Draws a lead with its name; whether its trace leaves the paper.
function lead(context, strip, { traces, start, gain, speed, scale, colors, absent }) {
  const x = (second) => (margin.left + second * speed) * scale;
  const ring = traces.rings.get(strip.lead);
  const name = (strip.isNegative ? "−" : "") + leadNames[strip.lead] + (traces.derived.has(strip.lead) ? "*" : "");
  const text = traces.isPatch && strip.lead === 0 ? absent.patch : name;
  const top = (strip.y - Math.min(9, gain) * 0.85) * scale;
  label(context, text, x(strip.from) + scale, top, `600 ${Math.round(3.3 * scale)}px "DejaVu Serif", Georgia, serif`, scale, colors);
  if (strip.from > 0) {
    context.fillRect(Math.round(x(strip.from)), Math.round((strip.y - 3) * scale), Math.max(1, Math.round(scale / 4)), Math.round(6 * scale));
  }
  if (!ring && start !== null) {
    label(context, absent.word, x(strip.from) + 12 * scale, top, `${Math.round(2.6 * scale)}px system-ui, sans-serif`, scale, colors);
  }
  // Over the words: they may never hide a part of the trace.
  return ring && start !== null ? trace(context, strip, x, ring, { traces, start, gain, speed, scale, colors }) : false;
}

/// Words that stay readable on the grid.
function label(context, text, x, y, font, scale, colors) {
  context.font = font;
  context.strokeStyle = colors.paper;
  context.lineWidth = scale * 0.8;
  context.strokeText(text, x, y);
  context.fillStyle = colors.text;
  context.fillText(text, x, y);
}

function trace(context, strip, x, ring, { traces, start, gain, speed, scale, colors }) {
  context.save();
  context.beginPath();
  context.rect(x(strip.from), 0, (strip.to - strip.from) * speed * scale, context.canvas.height);
  context.clip();
  context.strokeStyle = colors.ink;
  context.lineWidth = Math.max(1, scale * 0.3);
  context.beginPath();
  let isDown = false;
  let isBeyond = false;
  const sign = strip.isNegative ? -1 : 1;
  const first = start + Math.round(strip.from * traces.rate);
  const last = start + Math.round(strip.to * traces.rate);
  for (let index = first; index <= last; index += 1) {
    const value = index - start < 10 * traces.rate ? ring.at(index) : NaN;
    if (Number.isNaN(value)) { isDown = false; continue; }
    const px = x((index - start) / traces.rate);
    const py = (strip.y - sign * value * gain) * scale;
    if (py < 0 || py > context.canvas.height) isBeyond = true;
    if (isDown) context.lineTo(px, py); else context.moveTo(px, py);
    isDown = true;
  }
  context.stroke();
  context.restore();
  return isBeyond;
}
