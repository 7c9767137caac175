internal import ECGSignal
internal import Wire

/// The waveform around the event by which an alarm began: ten seconds before it and ten after, of the monitor's lead.
struct Strip: Sendable {
    /// Grid samples that are kept at each side of the event: 10 s.
    static let reach: GridIndex = 5_000

    /// What the grid samples of a stream can be: 2^48 are 17,000 years.
    static let samples: Range<GridIndex> = 0..<1 << 48

    /// The alarm's id and the number of its daemon.
    struct Name: Sendable, Hashable {
        let source: Int
        let alarm: String
    }

    let name: Name
    let tile: Int
    let patient: String
    let stream: String
    let epoch: UInt64
    /// The grid sample at which the alarm was raised.
    let sample: GridIndex
    /// The grid sample at which what raised it began; nil where that was in another stream.
    let onset: GridIndex?
    /// Messages of waveforms in base64, in the order in which they came: at most 101.
    private(set) var waves: [String] = []
    /// Whether its last ten seconds are over.
    private(set) var isWhole = false

    /// A strip of an alarm event's data; nil where the event does not begin an alarm of a stream.
    init?(_ data: JSONObject, source: Int, tile: Int) {
        guard data["phase"]?.text == "start", let alarm = data["alarm_id"]?.text,
            let patient = data["patient"]?.text, let stream = data["stream"]?.text,
            let epoch = stream.split(separator: ".").last.flatMap({ UInt64($0, radix: 16) }),
            let sample = data["sample"]?.whole, Strip.samples.contains(sample)
        else { return nil }
        name = Name(source: source, alarm: alarm)
        (self.tile, self.patient, self.stream, self.epoch, self.sample) = (
            tile, patient, stream, epoch, sample
        )
        let onset = data["onset"]?.object
        self.onset = onset?["stream"]?.text == stream ? onset?["sample"]?.whole : nil
    }

    /// Takes a message that lies within reach; what comes after the last ten seconds makes it whole.
    mutating func take(_ wave: Tile.Wave) {
        guard !isWhole else { return }
        if wave.end > sample - Strip.reach, wave.start < sample + Strip.reach { waves.append(wave.text) }
        if wave.end >= sample + Strip.reach { isWhole = true }
    }

    /// The strip as the page reads it.
    var object: JSONObject {
        [
            "alarm": .string(name.alarm), "patient": .string(patient), "stream": .string(stream),
            "epoch": .string(hexadecimal(epoch)), "sample": .integer(sample),
            "onset": .integerOrNull(onset), "reach": .integer(Strip.reach),
            "whole": .bool(isWhole), "waves": .array(waves.map(JSONValue.string)),
        ]
    }

    private func hexadecimal(_ epoch: UInt64) -> String {
        let digits = String(epoch, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

/// The strips of the newest alarms of all patients, at most 200: some 5 MB.
struct StripShelf: Sendable {
    /// Strips that are kept; one more takes the place of the oldest.
    static let stripsMax = 200

    private var strips: [Strip.Name: Strip] = [:]
    private var order: [Strip.Name] = []
    /// Those that are not whole yet, by tile.
    private var open: [Int: [Strip.Name]] = [:]

    /// How many there are.
    var count: Int { strips.count }

    /// The strip of an alarm; nil where there is none.
    subscript(name: Strip.Name) -> Strip? { strips[name] }

    /// An alarm begins; `before` are the newest messages of its tile.
    mutating func begin(_ strip: Strip, before: [Tile.Wave]) {
        guard strips[strip.name] == nil else { return }
        var strip = strip
        for wave in before { strip.take(wave) }
        if order.count == StripShelf.stripsMax { remove(order.removeFirst()) }
        strips[strip.name] = strip
        order.append(strip.name)
        if !strip.isWhole { open[strip.tile, default: []].append(strip.name) }
    }

    /// A message of waveforms of a tile in that epoch.
    mutating func take(_ wave: Tile.Wave, epoch: UInt64, of tile: Int) {
        guard let names = open[tile] else { return }
        for name in names where strips[name]?.epoch == epoch { strips[name]?.take(wave) }
        // A strip of an epoch that is over gets nothing more.
        let rest = names.filter { strips[$0]?.isWhole == false && strips[$0]?.epoch == epoch }
        open[tile] = rest.isEmpty ? nil : rest
    }

    private mutating func remove(_ name: Strip.Name) {
        guard let strip = strips.removeValue(forKey: name) else { return }
        let rest = (open[strip.tile] ?? []).filter { $0 != name }
        open[strip.tile] = rest.isEmpty ? nil : rest
    }
}
