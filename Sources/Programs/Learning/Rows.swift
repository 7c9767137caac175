public import LinearAlgebra

/// Where the samples of a part of a batch stand in one array: row (sample b, time t) is b * pitch + margin + t.
///
/// The rows of all samples lie in one array with rows of padding between them, so that one matrix product serves the
/// whole part. The pitch of a layer's input is its stride times that of its output, which keeps one rule for all rows.
public struct RowLayout: Sendable, Equatable {
    /// Samples of the part.
    public let samples: Int
    /// Rows of a sample.
    public let time: Int
    /// Rows from one sample's first to the next sample's first.
    public let pitch: Int
    /// Rows of padding before the first sample.
    public let margin: Int

    /// The layout of those counts; a sample with its padding must fit in the pitch.
    public init(samples: Int, time: Int, pitch: Int, margin: Int) {
        precondition(samples > 0 && time > 0 && margin >= 0 && pitch >= time + 2 * margin, "rows do not fit")
        self.samples = samples
        self.time = time
        self.pitch = pitch
        self.margin = margin
    }

    /// Rows of the whole array.
    public var rows: Int { samples * pitch }

    /// The row of the first sample's first time.
    public var first: Int { margin }

    /// Rows from the first sample's first to the last sample's last, the padding between them included.
    public var span: Int { (samples - 1) * pitch + time }

    /// The rows of one sample as a range of an array with that many channels.
    public func range(of sample: Int, channels: Int) -> RowRange {
        RowRange((sample * pitch + margin) * channels, rows: time, channels: channels)
    }
}

/// Values or gradients of one layer for a part of a batch, `[row][channel]`.
///
/// Padding is 0 at first and stays 0 where only samples are written; what a product writes covers the padding between
/// samples too, and nobody reads it there.
public final class Rows<Number: Real> {
    /// Where the samples stand.
    public let layout: RowLayout
    /// Numbers of a row.
    public let channels: Int
    /// The values, `[row][channel]`.
    public var values: [Number]

    /// Makes rows of zeros.
    public init(_ layout: RowLayout, channels: Int) {
        self.layout = layout
        self.channels = channels
        values = Array(repeating: 0, count: layout.rows * channels)
    }

    /// The rows of one sample.
    public func range(_ sample: Int) -> RowRange { layout.range(of: sample, channels: channels) }
}
