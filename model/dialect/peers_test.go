package dialect

import (
	"os"
	"path/filepath"
	"testing"
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

func TestCapX(t *testing.T) {
	r := mustRead(t, real(t, "RETRIAGE_PEERS", "cap-sqljs", "response.json"), real(t, "RETRIAGE_PEERS", "cap-sqljs", "request.json"))
	b := r.Batch()
	t.Log(r.Candidates(), b.Anomalies())
	for i := range b.Len() {
		f, _ := b.Failure(i)
		if f.Failure != nil {
			t.Logf("%d %v %v %+v", i, f.ID, f.State, *f.Failure)
		}
	}
}
