import Diagnosis
import ECGSignal
import Findings
import Foundation
import ModelFolder
import Testing

/// Against the reference program's figures: Fixtures/golden, made by the trainer of Models/default.
@Suite struct GoldenRankingTests {
    private struct Golden: Decodable {
        let records: [String]
        let top5: [String: [[String]]]
    }

    private static let root = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }

    private static let leads: [String: LeadSet] = [
        "12": LeadSet(Lead.standard), "I": LeadSet([.i]), "limb": LeadSet(Lead.limb),
    ]

    @Test(arguments: ["12", "I", "limb"]) func `golden embeddings give the golden similarities and top five`(
        subset: String
    ) throws {
        let golden = try Safetensors(
            [UInt8](
                Data(contentsOf: URL(fileURLWithPath: Self.root + "/Fixtures/golden/golden.safetensors"))
            ),
            file: "golden.safetensors"
        )
        let lists = try JSONDecoder().decode(
            Golden.self,
            from: Data(contentsOf: URL(fileURLWithPath: Self.root + "/Fixtures/golden/golden.json"))
        )
        let ranker = try ModelFolder.load(Self.root + "/Models/default").ranker
        let embeddings = try golden.floats("embedding.\(subset)", shape: [6, 256])
        let english = try golden.floats("similarity.en.\(subset)", shape: [6, 152])
        let japanese = try golden.floats("similarity.ja.\(subset)", shape: [6, 152])
        let expected = try #require(lists.top5[subset])
        #expect(expected.count == 6)
        for record in 0..<6 {
            let embedding = Embedding(values: Array(embeddings[record * 256..<(record + 1) * 256]))
            for index in 0..<152 {
                let mean =
                    (Double(english[record * 152 + index]) + Double(japanese[record * 152 + index])) / 2
                let similarity = try #require(ranker.bank.similarity(of: embedding, toStatement: index))
                #expect(abs(similarity - mean) <= 1e-6)
            }
            // The golden lists know no withholding: all twelve leads meet every statement.
            let all = ranker.rank(embedding, usedLeads: LeadSet(Lead.standard))
            #expect(all.top.prefix(5).map(\.statement.id) == expected[record], "\(lists.records[record])")
            #expect(all.withheld.isEmpty)
            let used = try #require(Self.leads[subset])
            let withheld = ranker.rank(embedding, usedLeads: used)
            for entry in withheld.top { #expect(entry.statement.minimumLeads.isMet(by: used)) }
            for entry in withheld.withheld { #expect(!entry.statement.minimumLeads.isMet(by: used)) }
        }
    }
}
