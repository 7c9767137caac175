import Testing

@testable import Dashboard

/// Where a proxy shows the pages: which texts name it, and whose requests are its own.
@Suite struct FrontTests {
    @Test func `the origin of a proxy is https and a name`() {
        let good = [
            "https://ward.example.org", "https://ward.example.org/", "https://ward:8443",
            "https://10.0.0.7:443",
        ]
        #expect(
            good.map { Dashboard.Front($0)?.origin } == [
                "https://ward.example.org", "https://ward.example.org", "https://ward:8443",
                "https://10.0.0.7",
            ]
        )
        for bad in [
            "", "ward.example.org", "http://ward.example.org", "https://", "https://ward/page",
            "https://ward:0",
            "https://ward:70000", "https://kana@ward", "https://Ward", "https://ward .org", "https://ward\n",
        ] {
            #expect(Dashboard.Front(bad) == nil, "\(bad)")
        }
    }

    @Test func `a page of the proxy may ask as the proxy's alone, one of this machine as this machine's`() {
        let names = Answers.Names(behind: Dashboard.Front("https://ward.example.org"))
        names.set(["127.0.0.1:7280"], port: 7_280)
        #expect(names.contains("ward.example.org") && names.contains("127.0.0.1:7280"))
        #expect(!names.contains("other.example.org"))
        #expect(names.isOwn("https://ward.example.org", at: "ward.example.org"))
        #expect(!names.isOwn("http://ward.example.org", at: "ward.example.org"))
        #expect(!names.isOwn("https://ward.example.org", at: "127.0.0.1:7280"))
        #expect(names.isOwn("http://127.0.0.1:7280", at: "127.0.0.1:7280"))
        #expect(!names.isOwn(nil, at: "ward.example.org"))
        #expect(names.isEncrypted(at: "ward.example.org") && !names.isEncrypted(at: "127.0.0.1:7280"))
        let plain = Answers.Names(behind: nil)
        #expect(!plain.contains("ward.example.org") && !plain.isOwn(nil, at: "ward.example.org"))
    }
}
