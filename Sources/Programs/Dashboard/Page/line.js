// The one line from the dashboard: server-sent events, opened anew whenever it breaks.

/// Milliseconds without a message after which the line counts as lost; one comes every second at the latest.
const quietMax = 3000;

export class Line {
  /// `onMessage` is given each message, `onState` true while the line holds and false while it does not.
  ///
  /// `onBreak` is called whenever it breaks: perhaps this browser may not look any more.
  constructor(onMessage, onState, onBreak) {
    this.onMessage = onMessage;
    this.onState = onState;
    this.onBreak = onBreak;
    this.tile = null;
    this.source = null;
    this.heardAt = performance.now();
    this.openedAt = 0;
    this.isUp = null;
    setInterval(() => this.check(), 500);
  }

  /// Looks at one tile, or at all where it is null.
  open(tile) {
    this.tile = tile;
    this.source?.close();
    this.openedAt = performance.now();
    const source = new EventSource(tile === null ? "/events" : `/events?tile=${tile}`);
    source.onmessage = (event) => {
      this.heardAt = performance.now();
      this.say(true);
      this.onMessage(JSON.parse(event.data));
    };
    // A line that ended is opened anew by `check`, so that a refusal is tried again too.
    source.onerror = () => { source.close(); this.onBreak(); };
    this.source = source;
  }

  check() {
    if (!this.source) return;
    const now = performance.now();
    if (now - this.heardAt > quietMax) this.say(false);
    // Opening anew says nothing of the line: only a message does.
    const tried = now - this.openedAt;
    const isClosed = this.source.readyState === EventSource.CLOSED;
    if ((isClosed && tried > 1000) || (now - this.heardAt > 2 * quietMax && tried > 2 * quietMax)) this.open(this.tile);
  }

  say(isUp) {
    if (this.isUp === isUp) return;
    this.isUp = isUp;
    this.onState(isUp);
  }
}
