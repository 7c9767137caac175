private import COpenBLAS

/// Rows of channels inside an array, `[row][channel]` without holes.
public struct RowRange: Sendable, Equatable {
    /// Index of the first number.
    public let offset: Int
    /// How many rows.
    public let rows: Int
    /// Numbers of a row.
    public let channels: Int

    /// The rows that begin at `offset`.
    public init(_ offset: Int, rows: Int, channels: Int) {
        self.offset = offset
        self.rows = rows
        self.channels = channels
    }

    /// Traps where the rows reach beyond an array of `count` numbers.
    func check(_ count: Int) {
        precondition(
            offset >= 0 && rows >= 0 && channels > 0 && offset + rows * channels <= count,
            "rows outside their array"
        )
    }
}

/// The numbers of one step of AdamW.
public struct AdamStep: Sendable, Equatable {
    /// Learning rate of this step.
    public var rate: Double
    /// Decay of the mean of the gradients.
    public var beta1 = 0.9
    /// Decay of the mean of their squares.
    public var beta2 = 0.999
    /// Added to the root.
    public var epsilon = 1e-8
    /// Weight decay, apart from the gradient.
    public var decay: Double
    /// 1 for the first step.
    public var step: Int

    /// Step `step` at that rate and decay; the betas and epsilon are PyTorch's defaults.
    public init(step: Int, rate: Double, decay: Double) {
        self.step = step
        self.rate = rate
        self.decay = decay
    }
}

/// The numbers that a network learns with: Float to learn, Double to check.
///
/// Products run in the calling thread only. All loops go over `[row][channel]` and give the same bits on every machine;
/// products depend on OpenBLAS's kernels, which it chooses by the processor.
public protocol Real: BinaryFloatingPoint, Sendable {
    /// c = a b, or c + a b where the product accumulates.
    static func multiply(_ product: MatrixProduct, _ a: [Self], _ b: [Self], into c: inout [Self])

    /// Adds, for each channel, the sum of x - origin and of its square over the rows of `range`.
    static func addSums(
        of x: [Self],
        _ range: RowRange,
        from origin: [Self],
        to sums: inout [Double],
        squares: inout [Double]
    )

    /// y = x * scale + shift, then the residual is added, then negative values become 0; each part where asked for.
    static func normalise(
        _ x: [Self],
        _ range: RowRange,
        scale: [Self],
        shift: [Self],
        residual: [Self]?,
        isRectified: Bool,
        into y: inout [Self]
    )

    /// Clears the gradient where the output is not above 0 (nil: nowhere), then adds its sums.
    ///
    /// The sums of each channel are those of gradient and of gradient * (x - mean).
    static func addGradientSums(
        _ gradient: inout [Self],
        output: [Self]?,
        of x: [Self],
        _ range: RowRange,
        mean: [Self],
        to sums: inout [Double],
        products: inout [Double]
    )

    /// out = gradient * a + (x - mean) * b + k, each channel.
    static func normGradient(
        _ gradient: [Self],
        of x: [Self],
        _ range: RowRange,
        mean: [Self],
        _ a: [Self],
        _ b: [Self],
        _ k: [Self],
        into out: inout [Self]
    )

    /// y[r] = the largest of x[2r], x[2r + 1], x[2r + 2]; `input` is the offset of x[0].
    static func maximum(_ x: [Self], input: Int, into y: inout [Self], _ range: RowRange)

    /// Adds each gradient to the first of its three inputs that equals the output.
    static func maximumGradient(
        _ gradient: [Self],
        output: [Self],
        _ range: RowRange,
        of x: [Self],
        into out: inout [Self],
        input: Int
    )

    /// turned[place + o * inputs + i] = x[offset + i * outputs + o]: the transpose of one matrix.
    static func turn(
        _ x: [Self],
        at offset: Int,
        inputs: Int,
        outputs: Int,
        into turned: inout [Self],
        at place: Int
    )

    /// The planes of the tiles of `range`: of inputs, or of the gradients of outputs.
    static func spread(
        _ x: [Self],
        _ range: RowRange,
        areGradients: Bool,
        into values: inout [Self],
        _ planes: TilePlanes
    )

    /// The rows of `range` from the planes of their tiles: outputs, or the gradients of inputs.
    static func gather(
        _ values: [Self],
        _ planes: TilePlanes,
        areGradients: Bool,
        into y: inout [Self],
        _ range: RowRange
    )

    /// The six planes of weights of three taps.
    static func spreadWeights(_ weights: [Self], into planes: inout [Self])

    /// Adds what the gradients of the six planes, the first of `planes`, say of the three taps.
    static func gatherWeights(_ planes: [Self], into gradient: inout [Self])

    /// x = 0.
    static func clear(_ x: inout [Self])

    /// Copies all of `x` to y from `offset` on.
    static func copy(_ x: [Float], into y: inout [Self], at offset: Int)

    /// y += x over `range`.
    static func add(_ x: [Self], _ range: RowRange, to y: inout [Self])

    /// y += (x - y) * share.
    static func follow(_ x: [Self], share: Double, by y: inout [Self])

    /// One step of AdamW: values and the means of gradients and squares.
    static func adam(
        _ step: AdamStep,
        gradient: [Self],
        first: inout [Self],
        second: inout [Self],
        values: inout [Self]
    )
}

/// What OpenBLAS is on this machine.
public enum OpenBLAS {
    /// Keeps every product in the thread that asks for it; called once when the program begins to learn.
    public static func useOneThread() { openblas_set_num_threads(1) }

    /// The name of the kernels that it chose, for example `Zen` or `Haswell`.
    public static var core: String {
        // Safe: OpenBLAS returns a text of its own that never changes.
        guard let name = unsafe openblas_get_corename() else { return "unknown" }
        return unsafe String(cString: name)
    }

    /// The version of the library and how it was built, in its own words.
    public static var version: String {
        // Safe: OpenBLAS returns a text of its own that never changes.
        guard let text = unsafe openblas_get_config() else { return "unknown" }
        let words = unsafe String(cString: text).split(separator: " ")
        return words.prefix(2).joined(separator: " ")
    }

    /// What to do where it does not know the processor and leaves most of its arithmetic unused; nil where it does.
    ///
    /// A processor with AVX2 runs OpenBLAS's Haswell kernels, one with AVX-512 those of SkylakeX.
    public static func advice(hasAVX2: Bool, hasAVX512: Bool, core: String = core) -> Advice? {
        guard oldCores.contains(core), hasAVX2 || hasAVX512 else { return nil }
        return Advice(core: core, better: hasAVX512 ? "SkylakeX" : "Haswell")
    }

    /// That it took slow kernels, and which it should take.
    public struct Advice: Sendable, Equatable {
        /// The kernels that it took.
        public let core: String
        /// Those that the processor runs.
        public let better: String

        /// What is wrong, for people.
        public var words: String {
            "OpenBLAS does not know this processor and takes its \(core) kernels, which are several times slower"
        }

        /// The variable that mends it.
        public var setting: String { "OPENBLAS_CORETYPE=\(better)" }
    }

    /// Kernels of processors before 2011, with 128 bits at a time.
    ///
    /// OpenBLAS takes them for a processor that is newer than itself too.
    private static let oldCores: Set = [
        "Atom", "Barcelona", "Bobcat", "Core2", "Dunnington", "Katmai", "Nano", "Nehalem", "Northwood",
        "Opteron", "Opteron_SSE3", "Penryn", "Prescott",
    ]
}
