// Beds and names, where a daemon gives them; a patient without a bed goes by the id of the wire.
//
// Beds of all daemons stand first, in the order of their rosters, and a patient stands at the bed whoever else is there.
// Whom no roster names stands behind the beds, at a place that does not change while this page is open.

/// Extra places by tile: of those that no roster names.
const extra = new Map();

/// The bed of a patient: `{bed, ward, name, patient, standby}`; null where the roster names none.
export const bedOf = (state, source, patient) =>
  state.sources.get(source)?.roster?.find((bed) => bed.patient === patient) ?? null;

/// What a patient is called on the pages: the bed, else the id.
export const titleOf = (state, source, patient) => bedOf(state, source, patient)?.bed ?? patient;

/// All beds, each with its daemon and its place.
function beds(state) {
  const found = [];
  for (const source of [...state.sources.values()].sort((a, b) => a.id - b.id)) {
    for (const bed of source.roster ?? []) found.push({ ...bed, source: source.id, place: found.length });
  }
  return found;
}

/// Writes on each tile what it is called, whose name is shown, and its place on the page, `spot`.
export function name(state) {
  const all = beds(state);
  const taken = new Set();
  const others = [];
  for (const tile of [...state.tiles.values()].sort((a, b) => a.place - b.place)) {
    const bed = all.find((each) => each.source === tile.source && each.patient === tile.patient);
    tile.title = bed?.bed ?? tile.patient;
    tile.shown = bed?.name ?? null;
    tile.hasBed = bed !== undefined;
    // A second device of the patient has a place of its own.
    if (bed && !taken.has(bed.place)) {
      tile.spot = bed.place;
      taken.add(bed.place);
      extra.delete(tile.id);
    } else if (all.length === 0) {
      tile.spot = tile.place;
    } else {
      others.push(tile);
    }
  }
  for (const id of extra.keys()) if (!state.tiles.has(id) || all.length === 0) extra.delete(id);
  for (const tile of others) {
    const used = new Set(extra.values());
    let free = 0;
    while (used.has(free)) free += 1;
    if (!extra.has(tile.id)) extra.set(tile.id, free);
    tile.spot = all.length + extra.get(tile.id);
  }
}

/// The beds of which no device sends anything.
export function bedsWithoutTile(state) {
  return beds(state).filter((bed) => bed.patient === null
    || ![...state.tiles.values()].some((tile) => tile.source === bed.source && tile.patient === bed.patient));
}
