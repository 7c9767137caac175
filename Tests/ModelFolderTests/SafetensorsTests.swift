import ModelFolder
import TestSupport
import Testing

@Suite struct SafetensorsTests {
    @Test func `a file's tensors come back by name and shape`() throws {
        let header = """
            {"b":{"dtype":"F32","shape":[2,2],"data_offsets":[16,32]},"__metadata__":{"ids":"x"},
            "a":{"dtype":"I64","shape":[2],"data_offsets":[0,16]},"c":{"dtype":"F32","shape":[],"data_offsets":[32,36]},
            "d":{"dtype":"F32","shape":[0,5],"data_offsets":[36,36]}}   
            """
        let file = try Safetensors(
            safetensors(header, payload: [UInt8](repeating: 255, count: 16) + bytes(of: [1, -2, 0.5, 3, 7])),
            file: "t"
        )
        #expect(file.metadata == ["ids": "x"])
        #expect(file.tensors.map(\.name) == ["a", "b", "c", "d"])
        #expect(try file.floats("b", shape: [2, 2]) == [1, -2, 0.5, 3])
        #expect(try file.floats("c", shape: []) == [7])
        #expect(try file.floats("d", shape: [0, 5]) == [])
        for (name, shape, words) in [
            ("a", [2], "t, a: dtype I64 where F32 is needed"),
            ("b", [4], "t, b: shape [2, 2] where [4] is needed"),
            ("x", [1], "t, x: the tensor is missing"),
        ] {
            let refusal = #expect(throws: ModelFolderError.self) { try file.floats(name, shape: shape) }
            #expect(refusal?.description.hasPrefix(words) == true, "\(refusal?.description ?? "none")")
        }
    }

    @Test func `a value that is no number is refused with its place`() throws {
        let header = #"{"w":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}"#
        for value in [Float.nan, .infinity, -.infinity] {
            let file = try Safetensors(safetensors(header, payload: bytes(of: [0, value, 1])), file: "t")
            let refusal = #expect(throws: ModelFolderError.self) { try file.floats("w", shape: [3]) }
            #expect(refusal?.description.hasPrefix("t, w: value 1 is \(value)") == true)
        }
    }

    /// Header, payload bytes, words of the refusal.
    static let refusals: [(String, Int, String)] = [
        (
            #"{"w":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}"#, 11,
            "t, w: data_offsets [0, 12] in 11 bytes"
        ),
        (
            #"{"w":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}"#, 13,
            "t: 76 bytes where the header accounts for"
        ),
        (
            #"{"w":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#, 8,
            "t, w: data_offsets [0, 8] hold 8 bytes where"
        ),
        (#"{"w":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, 4, "t, w: data_offsets [4, 0]"),
        (#"{"w":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}"#, 4, "t, w: data_offsets [-4, 0]"),
        (#"{"w":{"dtype":"F32","shape":[1],"data_offsets":[0]}}"#, 4, "t, w: data_offsets [0]"),
        (#"{"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, 8, "t, w: begins at byte"),
        (
            #"{"v":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"w":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#,
            12, "t, w: begins at byte"
        ),
        (
            #"{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
            8, "t"
        ),
        (#"{"w":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, 4, "t, w: shape [-1]"),
        (#"{"w":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}}"#, 4, "t, w: shape"),
        (
            #"{"w":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}"#, 0,
            "t, w: shape [4611686018427387904, 4] is beyond any file"
        ),
        (#"{"w":{"dtype":"Q4","shape":[1],"data_offsets":[0,4]}}"#, 4, "t, w: dtype \"Q4\" is not known"),
        (#"{"w":{"dtype":"F32","shape":[1e300],"data_offsets":[0,4]}}"#, 4, "t, header: not the JSON"),
        (
            #"{"w":{"dtype":"F32","shape":[1]}}"#, 4,
            "t, header: not the JSON of a safetensors file (at w.data_offsets"
        ),
        (#"{"w":7}"#, 4, "t, header: not the JSON"),
        (#"["w"]"#, 4, "t, header: not the JSON"),
        (#"{"w":"#, 4, "t, header: not the JSON"),
        (#"{"__metadata__":{"ids":1}}"#, 0, "t, header: not the JSON"),
        (String(repeating: "[", count: 100_000), 0, "t, header: not the JSON"),
        (String(repeating: #"{"w":"#, count: 100_000), 0, "t, header: not the JSON"),
    ]

    @Test(arguments: refusals) func `a header that lies is refused with tensor and value`(
        header: String,
        payload: Int,
        words: String
    ) {
        let refusal = #expect(throws: ModelFolderError.self) {
            try Safetensors(safetensors(header, payload: [UInt8](repeating: 0, count: payload)), file: "t")
        }
        #expect(refusal?.description.hasPrefix(words) == true, "\(refusal?.description ?? "none")")
    }

    @Test(arguments: [0, 1, 99, 1 << 20 + 1, 1 << 40, .max] as [UInt64])
    func `a header length that lies is refused`(
        length: UInt64
    ) {
        let contents = littleEndian(length) + Array("{}".utf8)
        let refusal = #expect(throws: ModelFolderError.self) { try Safetensors(contents, file: "t") }
        #expect(refusal?.description.contains("a header of \(length) bytes in a file of 10") == true)
        #expect(throws: ModelFolderError.self) { try Safetensors(Array(contents.prefix(7)), file: "t") }
    }

    @Test(arguments: seeds(2_000)) func `P01: a mutated tensor file is read or refused, never a crash`(
        seed: UInt64
    ) {
        var generator = SeededGenerator(seed: seed)
        let header =
            #"{"__metadata__":{"ids":"a\nb"},"v":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"#
            + #""w":{"dtype":"F32","shape":[4],"data_offsets":[24,40]}}"#
        var contents = safetensors(header, payload: bytes(of: (0..<10).map(Float.init)))
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            let at = Int.random(in: contents.indices, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: contents[at] ^= 1 << UInt8.random(in: 0...7, using: &generator)
            case 1: contents[at] = Array(#"0123456789[]{},":-e."#.utf8).randomElement(using: &generator) ?? 0
            case 2: contents.removeLast(Int.random(in: 0...min(9, contents.count - 1), using: &generator))
            default: contents.insert(UInt8.random(in: 48...57, using: &generator), at: at)
            }
        }
        do {
            let file = try Safetensors(contents, file: "t")
            for tensor in file.tensors {
                let values = try file.floats(tensor.name, shape: tensor.shape)
                #expect(
                    values.count == tensor.shape.reduce(1, *) && values.allSatisfy(\.isFinite),
                    "seed \(seed)"
                )
            }
        } catch { #expect(!"\(error)".isEmpty, "seed \(seed)") }
    }
}
