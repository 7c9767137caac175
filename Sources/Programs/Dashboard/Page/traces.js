// Waveforms: messages of Protocols/README.md ("Waveforms") read from base64, and the last seconds of each lead kept.

export const leadNames = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"];

const missing = -32768;

/// The message, or null where the bytes are none.
export function readWave(text) {
  const raw = atob(text);
  const bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i += 1) bytes[i] = raw.charCodeAt(i);
  if (bytes.length < 36 || bytes[0] !== 1) return null;
  const view = new DataView(bytes.buffer);
  const whole = (at) => view.getUint32(at, true) + view.getUint32(at + 4, true) * 4294967296;
  const count = view.getUint16(4, true);
  const leads = [];
  const mask = view.getUint16(6, true);
  for (let lead = 0; lead < 12; lead += 1) if (mask & (1 << lead)) leads.push(lead);
  if (bytes.length !== 36 + 2 * count * leads.length) return null;
  const derivedMask = view.getUint16(8, true);
  return {
    band: bytes[1], step: bytes[2], isPatch: (bytes[3] & 1) === 1, count, leads,
    derived: leads.filter((lead) => derivedMask & (1 << lead)),
    utc: view.getUint32(10, true) + view.getUint16(14, true) * 4294967296,
    start: whole(16), epoch: view.getUint32(28, true).toString(16).padStart(8, "0") + view.getUint32(24, true).toString(16).padStart(8, "0"),
    value: (lead, index) => {
      const unit = view.getInt16(36 + 2 * (lead * count + index), true);
      return unit === missing ? NaN : unit * 0.0025;
    },
  };
}

/// The last seconds of one lead, millivolts by sample number; NaN where nothing was received.
export class Ring {
  constructor(capacity) {
    this.values = new Float32Array(capacity).fill(NaN);
    this.end = null;
  }

  /// Puts a sample in; samples between it and the newest before count as not received.
  put(index, value) {
    const capacity = this.values.length;
    if (this.end === null || index >= this.end + capacity || index < this.end - capacity) {
      this.values.fill(NaN);
    } else {
      for (let i = this.end; i < index; i += 1) this.values[i % capacity] = NaN;
    }
    this.values[index % capacity] = value;
    if (this.end === null || index >= this.end || index < this.end - capacity) this.end = index + 1;
  }

  at(index) {
    if (this.end === null || index >= this.end || index < this.end - this.values.length) return NaN;
    return this.values[index % this.values.length];
  }
}

/// The traces of one stream: a ring a lead, in one band.
export class Traces {
  constructor(step, seconds = 16) {
    this.step = step;
    this.rate = 500 / step;
    this.seconds = seconds;
    this.clear(null);
  }

  clear(epoch) {
    this.epoch = epoch;
    this.rings = new Map();
    this.end = null;
    this.first = null;
    this.lead = null;
    this.derived = new Set();
    this.isPatch = false;
    this.pace = 1;
    this.heard = null;
  }

  /// Takes a message that `readWave` made; `now` is the page's clock in milliseconds.
  take(wave, now) {
    if (wave.step !== this.step) return;
    if (wave.epoch !== this.epoch) this.clear(wave.epoch);
    const first = wave.start / this.step;
    this.lead = wave.leads[0];
    this.isPatch = wave.isPatch;
    this.derived = new Set(wave.derived);
    wave.leads.forEach((lead, place) => {
      let ring = this.rings.get(lead);
      if (!ring) this.rings.set(lead, (ring = new Ring(this.seconds * this.rate)));
      for (let i = 0; i < wave.count; i += 1) ring.put(first + i, wave.value(place, i));
    });
    if (this.first === null) this.first = first;
    const end = first + wave.count;
    if (this.end === null || end > this.end) {
      this.measurePace(end, now);
      this.end = end;
    }
  }

  /// How fast samples come, 1 for real time, from the last seconds: a replay may be faster.
  measurePace(end, now) {
    if (this.heard === null || now - this.heard.now > 4000) this.heard = { now, end };
    const passed = now - this.heard.now;
    if (passed < 1000) return;
    const pace = ((end - this.heard.end) / this.rate) / (passed / 1000);
    this.pace = Math.min(Math.max(pace, 0.25), 40);
    this.heard = { now, end };
  }
}
