internal import Conditioning
public import ECGEncoder
public import ECGSignal
public import Recordings

/// The first window of a recording as the daemon would see it: conditioned, masked, encoded.
public enum WindowOfRecording {
    /// `[5000][12]` millivolts in the encoder's band, after the recording's end.
    public static func rows(of stream: RecordedStream) throws -> [Float] {
        let table = stream.rate == .grid ? nil : try? PolyphaseTable(rate: stream.rate)
        var conditioner = StreamConditioner()
        for chunk in try stream.allChunks() { _ = conditioner.take(chunk, table: table) }
        conditioner.close()
        var rows = [Float](repeating: 0, count: Grid.windowSamples * Lead.channelCount)
        conditioner.copyRows(0..<Int64(Grid.windowSamples), into: &rows, at: 0)
        return rows
    }

    /// The embedding of those rows.
    public static func embedding(
        of stream: RecordedStream,
        by encoder: Encoder,
        using workspace: EncoderWorkspace
    ) throws -> Embedding {
        try encoder.embed(window: rows(of: stream), using: workspace)
    }

    /// The cosine of two embeddings, which have unit length.
    public static func cosine(_ a: Embedding, _ b: Embedding) -> Double {
        zip(a.values, b.values).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
}
