// One lead that sweeps over a tile from left to right, an erase bar before it, 25 mm/s.

const delaySeconds = 0.5;
const eraseSeconds = 0.28;
const speed = 25;

export class Sweep {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.traces = null;
    this.play = null;
    this.drawn = null;
    this.origin = 0;
    this.gain = 10;
    this.tall = 20;
    this.needsAll = true;
    this.last = null;
    this.color = "#4be38a";
    this.stillPassed = 0;
  }

  /// Fits the canvas to its box; `millimetre` is the length of one in CSS pixels.
  resize(width, height, millimetre, ratio) {
    const w = Math.max(1, Math.round(width * ratio));
    const h = Math.max(1, Math.round(height * ratio));
    if (this.canvas.width !== w || this.canvas.height !== h) {
      this.canvas.width = w;
      this.canvas.height = h;
      this.needsAll = true;
    }
    this.millimetre = millimetre * ratio;
    this.ratio = ratio;
    this.tall = height / millimetre;
    this.fit();
  }

  /// Takes the largest scale in which what is on the screen fits, and no larger one at once when it has become smaller.
  fit() {
    const { traces } = this;
    let least = 0;
    let greatest = 0;
    const ring = traces?.rings.get(traces.lead);
    if (ring && traces.end !== null) {
      for (let index = Math.max(traces.first, traces.end - 10 * traces.rate); index < traces.end; index += 1) {
        const value = ring.at(index);
        if (value < least) least = value;
        if (value > greatest) greatest = value;
      }
    }
    const fits = (gain, room) => greatest * gain <= room * 0.6 * this.tall && -least * gain <= room * 0.37 * this.tall;
    let gain = [20, 10, 5, 2.5].find((each) => fits(each, 1)) ?? 1.25;
    if (gain > this.gain && !fits(gain, 0.8)) gain = this.gain;
    if (gain !== this.gain) {
      this.gain = gain;
      this.needsAll = true;
    }
  }

  follow(traces) {
    if (this.traces !== traces) {
      this.traces = traces;
      this.play = null;
      this.needsAll = true;
    }
  }

  /// Draws what has become due at `now`, milliseconds; `isStill` moves once a second in place of always.
  frame(now, isStill) {
    const { traces } = this;
    const passed = this.last === null ? 0 : Math.min((now - this.last) / 1000, 0.5);
    this.last = now;
    if (!traces || traces.end === null) {
      if (this.needsAll) this.clear(0, this.canvas.width);
      this.needsAll = false;
      this.play = null;
      return;
    }
    const rate = traces.rate;
    const target = traces.end - delaySeconds * rate * Math.max(1, traces.pace * 0.6);
    if (this.play === null || Math.abs(target - this.play) > 2 * rate * Math.max(1, traces.pace)) {
      this.play = Math.max(target, traces.first);
      this.origin = Math.floor(this.play);
      this.needsAll = true;
    } else {
      const behind = (target - this.play) / rate;
      this.play += passed * rate * Math.max(0, traces.pace * (1 + 0.5 * behind));
      this.play = Math.min(this.play, traces.end - 1);
    }
    if (isStill) {
      this.stillPassed += passed;
      if (this.stillPassed < 1 && !this.needsAll) return;
      this.stillPassed = 0;
    }
    if (this.needsAll) this.all(); else this.on();
  }

  get pixelsPerSample() { return speed * this.millimetre / this.traces.rate; }

  x(index) {
    const x = ((index - this.origin) * this.pixelsPerSample) % this.canvas.width;
    return x < 0 ? x + this.canvas.width : x;
  }

  /// The base line stands below the middle, since R waves go up.
  y(value) { return this.canvas.height * 0.62 - value * this.gain * this.millimetre; }

  all() {
    this.needsAll = false;
    this.clear(0, this.canvas.width);
    const shown = Math.floor(this.canvas.width / this.pixelsPerSample - eraseSeconds * this.traces.rate);
    this.drawn = Math.max(Math.floor(this.play) - shown, this.traces.first);
    this.on(true);
  }

  on(isAll = false) {
    const end = Math.floor(this.play);
    if (end <= this.drawn) return;
    if (!isAll) {
      const from = this.x(this.drawn) + 1;
      this.clear(from, (end - this.drawn + eraseSeconds * this.traces.rate) * this.pixelsPerSample);
    }
    const ring = this.traces.rings.get(this.traces.lead);
    const { context } = this;
    context.strokeStyle = this.color;
    // Thin on a small tile, thicker on a wall of screens.
    context.lineWidth = Math.max(1.6 * this.ratio, this.canvas.height / 130);
    context.lineJoin = "round";
    context.beginPath();
    let isDown = false;
    let before = -1;
    for (let index = this.drawn; index <= end; index += 1) {
      const value = ring ? ring.at(index) : NaN;
      if (Number.isNaN(value)) { isDown = false; continue; }
      const x = this.x(index);
      if (isDown && x > before) context.lineTo(x, this.y(value)); else context.moveTo(x, this.y(value));
      isDown = true;
      before = x;
    }
    context.stroke();
    this.drawn = end;
  }

  clear(from, width) {
    const total = this.canvas.width;
    const wide = Math.min(width, total);
    this.context.clearRect(from, 0, wide, this.canvas.height);
    if (from + wide > total) this.context.clearRect(0, 0, from + wide - total, this.canvas.height);
  }
}
