package dialect

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"retriage/model"
)

// real reads a real file of a folder that an environment variable names.
func real(t *testing.T, env string, path ...string) string {
	t.Helper()
	root := os.Getenv(env)
	if root == "" {
		t.Skip(env + " is not set")
	}
	b, err := os.ReadFile(filepath.Join(append([]string{root}, path...)...))
	if err != nil {
		t.Skip(err)
	}
	return string(b)
}

// TestRealOData reads what a real OData service answered: r14 says 201, and was
// rolled back with r15; r13 was not tried, because r2 failed.
func TestRealOData(t *testing.T) {
	r := mustRead(t, real(t, "RETRIAGE_PEERS", "cap-sqljs", "response.json"), real(t, "RETRIAGE_PEERS", "cap-sqljs", "request.json"))
	b := r.Batch()
	equal(t, "dialect", r.Dialect().Name(), "odata-json")
	equal(t, "items", b.Len(), 20)
	equal(t, "anomalies", kinds(b), "")
	equal(t, "failed", len(b.Open()), 17)

	at := func(id string) *model.Failure {
		for _, i := range b.Open() {
			if f, _ := b.Failure(i); f.ID == model.TextID(id) {
				return f.Failure
			}
		}
		t.Fatalf("%s has not failed", id)
		return nil
	}
	equal(t, "r14 fails with", at("r14").Cause, model.TextID("r15"))
	equal(t, "r14", at("r14").Reason, model.RolledBack)
	equal(t, "r13 fails with", at("r13").Cause, model.TextID("r2"))
	equal(t, "r13", at("r13").Reason, model.NotAttempted)
	equal(t, "r2", at("r2").Code.Wire()+at("r2").Field.Wire(), "ASSERT_FORMAT/sku")
	equal(t, "r3", at("r3").Code.Wire()+at("r3").Message.Wire(), "UNIQUE constraint failed: ShopService_Products.ID")
	equal(t, "r11 names a type", at("r11").Field.Wire(), "")
	equal(t, "r16 waits", at("r16").RetryAfter, time.Second)
	equal(t, "r8", item(t, b, 7).Answer.ETag.IsZero(), false)

	out, _, err := r.Dialect().Write(model.Chunk{Items: sending(t, b, 1, 12)}, model.Profile{})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(out), `"dependsOn":["r2"]`) {
		t.Errorf("the reference is gone: %s", out)
	}
	out, _, err = r.Dialect().Write(model.Chunk{Items: sending(t, b, 12)}, model.Profile{})
	if err != nil || strings.Contains(string(out), "dependsOn") {
		t.Errorf("the reference is left: %s, %v", out, err)
	}
}
