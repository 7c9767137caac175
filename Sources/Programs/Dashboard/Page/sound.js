// Sounds of alarms, made here: three patterns, one a priority. Off until a person turns them on, since browsers let no page
// sound by itself; the page always says which it is. Patterns follow the idea of IEC 60601-1-8; no conformance is claimed.

import { standing } from "./alarms.js";
import { words } from "./words.js";

/// A pattern: the pitch, when its pulses begin, how long each is, and after how many seconds it comes again.
export const patterns = {
  high: { pitch: 880, starts: [0, 0.2, 0.4, 0.75, 0.95, 1.5, 1.7, 1.9, 2.25, 2.45], length: 0.12, every: 6 },
  medium: { pitch: 587, starts: [0, 0.4, 0.8], length: 0.2, every: 12 },
  low: { pitch: 392, starts: [0, 0.5], length: 0.25, every: 25 },
};
const priorities = ["high", "medium", "low"];

/// Plays a pattern once: each pulse is its pitch with three weaker ones above it, so that small speakers give it too.
export function play(context, priority, at = context.currentTime) {
  const { pitch, starts, length } = patterns[priority];
  for (const start of starts) {
    const gain = context.createGain();
    gain.gain.setValueAtTime(0, at + start);
    gain.gain.linearRampToValueAtTime(0.25, at + start + 0.02);
    gain.gain.setValueAtTime(0.25, at + start + length - 0.03);
    gain.gain.linearRampToValueAtTime(0, at + start + length);
    gain.connect(context.destination);
    for (const [harmonic, level] of [[1, 1], [2, 0.5], [3, 0.35], [4, 0.2]]) {
      const tone = context.createOscillator();
      const part = context.createGain();
      tone.frequency.value = pitch * harmonic;
      part.gain.value = level;
      tone.connect(part).connect(gain);
      tone.start(at + start);
      tone.stop(at + start + length);
    }
  }
}

/// The most urgent priority that is to be heard, null where none is. What somebody has answered or paused is silent; where
/// nothing can be known of the alarms, that is heard as a medium one.
export function audible(state) {
  const isLost = state.isUp === false || [...state.sources.values()].some((source) => source.state === "lost");
  const heard = new Set(standing(state).filter(({ alarm, source }) => alarm.signal === "on" && source?.state === "heard")
    .map(({ alarm }) => alarm.priority));
  if (isLost) heard.add("medium");
  return priorities.find((priority) => heard.has(priority)) ?? null;
}

export class Sound {
  constructor(button, onChange) {
    this.context = null;
    this.isWanted = false;
    this.priority = null;
    this.nextAt = 0;
    this.played = 0;
    this.onChange = onChange;
    this.button = button;
    button.addEventListener("click", () => this.toggle());
  }

  /// off; on; blocked where the browser lets nothing be heard though it is wanted.
  get state() {
    if (!this.isWanted) return "off";
    return this.context?.state === "running" ? "on" : "blocked";
  }

  async toggle() {
    this.isWanted = !this.isWanted;
    try {
      if (!this.context) {
        this.context = new AudioContext();
        this.context.addEventListener("statechange", () => this.onChange());
      }
      // A low pattern at once, so that whoever turns it on hears that it works.
      if (this.isWanted) { await this.context.resume(); play(this.context, "low"); this.nextAt = 0; this.priority = null; }
      else await this.context.suspend();
    } catch { /* the state says that nothing is heard */ }
    this.onChange();
  }

  /// Sounds what is due; called four times a second.
  tick(state) {
    const priority = audible(state);
    const now = performance.now() / 1000;
    // What is more urgent does not wait; what is less urgent waits for the next turn of the pattern before it.
    const isMoreUrgent = this.priority === null || priorities.indexOf(priority) < priorities.indexOf(this.priority);
    if (this.state === "on" && priority !== null && (isMoreUrgent || now >= this.nextAt)) {
      play(this.context, priority);
      this.nextAt = now + patterns[priority].every;
      this.played += 1;
      document.body.dataset.sounded = `${priority} ${this.played}`;
    }
    this.priority = this.state === "on" ? priority : null;
  }

  write() {
    const w = words();
    const text = w.soundButton[this.state];
    if (this.button.textContent !== text) this.button.textContent = text;
    this.button.setAttribute("aria-pressed", String(this.isWanted));
    this.button.title = w.soundTitle;
    document.body.dataset.sound = this.state;
  }
}
