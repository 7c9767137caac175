/// Reads safetensors files of any bytes, and writes the tensors of those that hold floats alone.
///
/// An input is a mode and a file; in the odd modes the file is a header that ends in a zero byte, and data, so that the
/// fuzzer need not guess the header's length.

private import FuzzSupport
private import ModelFolder

/// Called by libFuzzer.
@_cdecl("LLVMFuzzerTestOneInput") public func fuzz(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let input = unsafe inputBytes(data, count)
    guard let mode = input.first else { return 0 }
    do throws(ModelFolderError) {
        let file = try Safetensors(contents(input.dropFirst(), isCounted: mode & 1 == 0), file: "t")
        Tally.count(isTaken: true)
        check(file)
    } catch {
        Tally.count(isTaken: false)
        law(isTelling("\(error)"), "a refusal says why")
    }
    return 0
}

private func contents(_ input: ArraySlice<UInt8>, isCounted: Bool) -> [UInt8] {
    guard !isCounted else { return Array(input) }
    let parts = input.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
    let length = UInt64(parts[0].count)
    return (0..<8).map { UInt8(truncatingIfNeeded: length >> ($0 * 8)) } + parts[0]
        + (parts.count > 1 ? parts[1] : [])
}

private func check(_ file: Safetensors) {
    law(
        zip(file.tensors, file.tensors.dropFirst()).allSatisfy { $0.bytes.upperBound == $1.bytes.lowerBound },
        "tensors stand without hole or overlap"
    )
    _ = try? SentenceTable(file, path: "t")
    var floats: [SafetensorsWriter.Tensor] = []
    for tensor in file.tensors {
        do throws(ModelFolderError) {
            let values = try file.floats(tensor.name, shape: tensor.shape)
            law(values.allSatisfy(\.isFinite), "floats that are handed out are finite")
            floats.append(.init(tensor.name, tensor.shape, values))
        } catch { law(isTelling("\(error)"), "a tensor that is no float says so") }
    }
    guard floats.count == file.tensors.count else { return }
    do throws(ModelFolderError) {
        let again = try Safetensors(SafetensorsWriter.bytes(floats, metadata: file.metadata), file: "t")
        law(again.metadata == file.metadata, "the free texts are written and read back")
        law(again.tensors.count == floats.count, "each tensor is written and read back")
        for tensor in floats {
            let values = try again.floats(tensor.name, shape: tensor.shape)
            law(
                values.elementsEqual(tensor.values) { $0.bitPattern == $1.bitPattern },
                "a tensor is written and read back bit for bit"
            )
        }
    } catch { broken("what was read can be written and read; \(error)") }
}
