public import ECGSignal

extension Embedding {
    /// The cosine of the angle to another embedding; both have unit length.
    public func cosine(to other: Embedding) -> Double {
        zip(values, other.values).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
}
