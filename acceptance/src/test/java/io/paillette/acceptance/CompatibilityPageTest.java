package io.paillette.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.Peer;
import io.paillette.testkit.proof.ProofRecord;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The clients in docs/ are those of which tests declare to prove something; proven is what has passed when the page was written. */
class CompatibilityPageTest {

    @Test
    void thePageNamesEachProofThatATestDeclaresAndNoOther() throws IOException {
        List<DeclaredProof> declared = DeclaredProof.all(Peer.root());
        if (System.getProperty("docs.write") != null) {
            CompatibilityPage.write(toldBy(ProofRecord.all(Peer.root()), declared));
        }
        List<ProofRecord> rows = CompatibilityPage.rows();
        assertThat(rows)
                .as("write it anew with: acceptance/prove")
                .containsExactlyInAnyOrderElementsOf(toldBy(rows, declared));
    }

    /** Of each that is declared: that it is proven with the version that is here now, if they say so, or else that it is not. */
    private static List<ProofRecord> toldBy(List<ProofRecord> records, List<DeclaredProof> declared) {
        return declared.stream()
                .map(proof ->
                        records.stream().filter(proof::isProvenBy).findFirst().orElseGet(proof::notPassed))
                .toList();
    }
}
