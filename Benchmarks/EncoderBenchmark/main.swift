import ECGEncoder
import ECGSignal
import Glibc

/// Times the encoder on one thread, in nanoseconds of processor time.
///
/// usage: EncoderBenchmark [--form portable|avx2|avx512|neon] [--precision fp32|int8] [--forms | --layers | --lane | --profile]
///
/// Without a further word it reads lines, so that a peer can be measured in turn with it, and answers each with one:
/// `window` runs one offline pass of 5,000 samples; `hop N` takes 512 samples of N running streams and gives their
/// embeddings; `step N` takes 32; each answers with the nanoseconds that it took. `peak` gives the multiply-adds a
/// nanosecond that the processor does at most, `embed N` the embedding of golden record N.
/// `--forms` lists the forms that the processor has, `--layers` prints each layer's speed in each form (the portable
/// one only if it is named), `--lane` times a hop of the rhythm lane in turn with one of the encoder, `--profile` does a fixed work once, for a tool that counts instructions.
func run(_ words: [String]) throws {
    let named = words.firstIndex(of: "--form").map { words.dropFirst($0 + 1).first ?? "" }
    let form = named.map { KernelForm(rawValue: $0) } ?? .best
    guard let form, form.isAvailable else { throw MissingForm(name: named ?? "") }
    let numbers = words.firstIndex(of: "--precision").map { words.dropFirst($0 + 1).first ?? "" }
    guard let precision = Precision(rawValue: numbers ?? Precision.float32.rawValue) else {
        throw MissingForm(name: numbers ?? "")
    }
    if words.contains("--forms") {
        for form in KernelForm.allCases.filter(\.isAvailable) { say(form.rawValue) }
    } else if words.contains("--layers") {
        let forms = named == nil ? KernelForm.allCases.filter { $0 != .portable && $0.isAvailable } : [form]
        for form in forms {
            var layers = LayerTimes(try Subject(form: form).encoder)
            layers.print(streams: [1, 8, 32, 128], rounds: form == .portable ? 1 : 15)
        }
    } else if words.contains("--lane") {
        var subject = try Subject(form: form)
        say(LaneTimes.line(&subject, rounds: 300))
    } else if words.contains("--profile") {
        var subject = try Subject(form: form)
        // After 1,024 samples every layer computes as many rows as it ever will.
        subject.openStreams(1, taken: 1_024)
        subject.fillBatch(samples: Subject.hop)
        profileHop(&subject)
        subject.fillBatch(samples: 32)
        profileStep(&subject)
    } else {
        var subject = try Subject(form: form, precision: precision)
        while let line = readLine() { say(answer(line, &subject)) }
    }
}

func answer(_ line: String, _ subject: inout Subject) -> String {
    let words = line.split(separator: " ")
    let number = words.count > 1 ? Int(words[1]) ?? 1 : 1
    switch words.first {
    case "window": return String(ThreadClock.nanoseconds { subject.runWindow() })
    case "hop": return String(subject.timeHop(streams: number))
    case "step": return String(subject.timeHop(streams: number, samples: 32))
    case "peak": return String(subject.encoder.form.measurePeak())
    case "embed": return subject.embedding(ofRecord: number).values.map { String($0) }.joined(separator: " ")
    default: return "unknown: say window, hop N, step N, peak or embed N"
    }
}

// MARK: The works of --profile, which the tool finds by name

@inline(never)
func profileHop(_ subject: inout Subject) {
    subject.advanceBatch()
    // In here so that the two differ: the compiler makes one function of two that do the same.
    subject.emptyBatch()
}

@inline(never)
func profileStep(_ subject: inout Subject) { subject.advanceBatch() }

/// Prints a line at once, also into a pipe.
func say(_ line: String) {
    print(line)
    fflush(nil)
}

/// The form that was asked for does not exist, or this processor lacks its instructions.
struct MissingForm: Error {
    let name: String
}

try run(Array(CommandLine.arguments.dropFirst()))
