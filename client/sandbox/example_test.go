package sandbox_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"retriage/client/sandbox"
)

// The second reply is lost after its item landed: the client sees an error,
// and only the server knows that the item was applied once.
func Example() {
	s, err := sandbox.New(sandbox.Options{
		Faults: []sandbox.Fault{{Kind: sandbox.Lost, On: "POST /items", Call: 2}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	client := &http.Client{Transport: s.Transport()}
	for _, id := range []string{"a", "b"} {
		body := fmt.Sprintf(`{"id":%q,"email":"%s@example.com","name":"N"}`, id, id)
		req, _ := http.NewRequest("POST", "http://sandbox/items", strings.NewReader(body))
		req.Header.Set("Authorization", "Bearer "+sandbox.DefaultToken)
		res, err := client.Do(req)
		if err != nil {
			fmt.Println(id, "unknown")
			continue
		}
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
		fmt.Println(id, res.StatusCode)
	}
	fmt.Println(s.Effects().Items)
	// Output:
	// a 201
	// b unknown
	// map[a:1 b:1]
}
