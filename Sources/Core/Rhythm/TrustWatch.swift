internal import ECGSignal

/// Whether the beats that are found are those of a heart, and for how long they have not been.
///
/// New findings that are made of beats need beats that can be trusted; asystole and fibrillation never ask. Where beats
/// that cannot be trusted come for 5 s, rhythm can no longer be judged: what stands, stands, because nobody would see
/// its end. A silence of 4 s is no noise any more, and is judged as silence.
struct TrustWatch: Sendable, Equatable, Codable {
    /// From here on beats that were not trusted are trusted again.
    static let regainedMin = 0.8
    /// Samples of beats that cannot be trusted after which rhythm cannot be judged: 5 s.
    static let lostSamples = 2_500
    /// Samples without a beat after which nothing is said against the signal: 4 s.
    static let silenceSamples = 2_000

    /// Whether the newest beats resemble each other; false before there are three.
    private(set) var isTrusted = false
    /// The row with which the beats were found to be none of a heart.
    private(set) var since: Int?
    private var newest = 0

    /// A beat was published with row `n`.
    mutating func take(_ agreement: borrowing BeatAgreement, at n: Int) {
        newest = n
        guard let mean = agreement.mean(at: n) else { return }
        isTrusted = mean >= (since == nil ? BeatAgreement.trustedMin : TrustWatch.regainedMin)
        if isTrusted {
            since = nil
        } else if since == nil {
            since = n
        }
    }

    /// Time passes without a beat, up to row `n`.
    mutating func wait(at n: Int) { if since != nil, n - newest >= TrustWatch.silenceSamples { since = nil } }

    /// The beats before say nothing any more.
    mutating func restart() {
        isTrusted = false
        since = nil
    }

    /// Whether rhythm can no longer be judged at row `n`.
    func isLost(at n: Int) -> Bool { since.map { n - $0 >= TrustWatch.lostSamples } ?? false }
}
