/// One mark of a WFDB annotation file: what someone, or a program, saw at one sample of a record.
public struct Annotation: Sendable, Equatable {
    /// The sample that is marked, in ticks of the annotation file: frames of the record unless the file says otherwise.
    public var sample: Int64
    /// What kind of mark it is.
    public var code: AnnotationCode
    /// A number whose meaning depends on the kind of mark, -128 to 127.
    public var subtype: Int8
    /// The signal that the mark belongs to; 0 where it belongs to all.
    public var channel: UInt8
    /// A number that annotators use as they like, -128 to 127.
    public var number: Int8
    /// A text, for a change of rhythm `(AFIB`; at most 255 bytes.
    public var text: String

    /// A mark at `sample`.
    public init(
        sample: Int64,
        code: AnnotationCode,
        subtype: Int8 = 0,
        channel: UInt8 = 0,
        number: Int8 = 0,
        text: String = ""
    ) {
        self.sample = sample
        self.code = code
        self.subtype = subtype
        self.channel = channel
        self.number = number
        self.text = text
    }
}

/// The kind of a mark by its number in the file, 1 to 49; WFDB gives 41 of them a sign.
public struct AnnotationCode: Sendable, Hashable {
    /// The number in the file.
    public let rawValue: UInt8

    /// The kind of that number; nil unless it is 1 to 49.
    public init?(rawValue: UInt8) {
        guard (1...49).contains(rawValue) else { return nil }
        self.rawValue = rawValue
    }

    private init(known rawValue: UInt8) { self.rawValue = rawValue }

    /// The kind that WFDB writes as `sign`; nil where there is none.
    public init?(sign: Character) {
        guard sign != " ", let place = AnnotationCode.signs.firstIndex(of: sign) else { return nil }
        rawValue = UInt8(place)
    }

    /// The sign that WFDB writes for it; nil for a number without one.
    public var sign: Character? {
        let place = Int(rawValue)
        guard place < AnnotationCode.signs.count, AnnotationCode.signs[place] != " " else { return nil }
        return AnnotationCode.signs[place]
    }

    /// A beat that is conducted as usual, `N`.
    public static let normal = AnnotationCode(known: 1)
    /// A premature ventricular contraction, `V`.
    public static let ventricular = AnnotationCode(known: 5)
    /// A paced beat, `/`.
    public static let paced = AnnotationCode(known: 12)
    /// A premature or ectopic supraventricular beat, `S`.
    public static let supraventricular = AnnotationCode(known: 9)
    /// A beat that cannot be classified, `Q`.
    public static let unclassified = AnnotationCode(known: 13)
    /// A comment, `"`.
    public static let note = AnnotationCode(known: 22)
    /// A change of rhythm, `+`.
    public static let rhythm = AnnotationCode(known: 28)
    /// The start of ventricular flutter or fibrillation, `[`.
    public static let flutterBegins = AnnotationCode(known: 32)
    /// The end of ventricular flutter or fibrillation, `]`.
    public static let flutterEnds = AnnotationCode(known: 33)

    /// By number, as the WFDB library's table of codes has them; a space where there is none.
    private static let signs = Array(" NLRaVFJASEj/Q~ | sT*D\"=pB^t+u?![]en@xf()r")
}
