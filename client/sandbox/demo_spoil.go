package sandbox

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// spoil makes the items fail, cause by cause.
func (b *demoBuilder) spoil() {
	parents := b.validation()
	b.permission()
	b.conflict()
	b.dependency(parents)
	b.types()
	b.size()
	b.keys()
	b.backend()
	b.timeout()
}

// validation spoils e-mails and dates, and gives the places that a suggested
// fix repairs: those can be somebody's manager.
func (b *demoBuilder) validation() (repairable []int) {
	for n := range demoUpper {
		i, _ := b.pick(codeValidation)
		email := b.get(i, "email")
		switch n % 3 {
		case 0:
			email = strings.ToUpper(email)
		case 1:
			email = " " + email
		default:
			email = strings.ToUpper(email[:1]) + email[1:] + " "
		}
		b.set(i, "email", string(quote(email)))
		repairable = append(repairable, i)
	}
	for n := range demoNoAt {
		i, id := b.pick(codeValidation)
		b.set(i, "email", string(quote([]string{"n/a", "unknown", "none", "tbd"}[n%4])))
		b.demo.Placeholder = append(b.demo.Placeholder, id)
	}
	for range demoDates {
		i, _ := b.pick(codeValidation)
		day, _ := time.Parse(time.DateOnly, b.get(i, "date")) // item wrote it
		b.set(i, "date", string(quote(day.Format("01/02/2006"))))
		repairable = append(repairable, i)
	}
	slices.Sort(b.demo.Placeholder)
	return repairable
}

func (b *demoBuilder) permission() {
	for n := range demoDenied {
		i, id := b.pick(codePermission)
		b.set(i, "resource_id", string(quote([]string{"res-finance", "res-hr", "res-board"}[n%3])))
		b.hopeless(id, codePermission, "the token has no access to its resource")
	}
}

// conflict makes items meet what is stored already.
func (b *demoBuilder) conflict() {
	for n := range demoTaken {
		i, id := b.pick(codeConflict)
		b.store(fmt.Sprintf("legacy-%02d", n+1), b.get(i, "email"), b.get(i, "name"), "")
		b.hopeless(id, codeConflict, "another user has its e-mail")
	}
	for range demoExists {
		i, id := b.pick(codeExists)
		b.store(id, "moved-"+b.get(i, "email"), b.get(i, "name"), "")
		b.hopeless(id, codeExists, "an item with its id exists and differs")
	}
}

// store adds an item to what the server holds from the start.
func (b *demoBuilder) store(id, email, name, key string) {
	raw := fmt.Appendf(nil, `{"id":%s,"email":%s,"name":%s,"date":"2024-11-05"}`, quote(id), quote(email), quote(name))
	if key != "" {
		raw = with(raw, "idempotency_key", quote(key))
	}
	b.demo.Options.Stored = append(b.demo.Options.Stored, raw)
}

// dependency gives items a manager that is not there. A child always stands
// behind its parent, so that sending both in their order is enough.
func (b *demoBuilder) dependency(parents []int) {
	slices.Sort(parents)
	for n := range demoChildren {
		parent := parents[n/2*2] // early ones, two children each
		at := max(0, slices.IndexFunc(b.order, func(i int) bool { return i > parent }))
		b.order[0], b.order[at] = b.order[at], b.order[0]
		i, id := b.pick(codeDependency)
		b.set(i, "manager_id", string(quote(demoID(parent))))
		b.demo.Parents[id] = demoID(parent)
	}
	for n := range demoOrphans {
		i, id := b.pick(codeDependency)
		b.set(i, "manager_id", string(quote(fmt.Sprintf("item-9%03d", n+1))))
		b.hopeless(id, codeDependency, "its manager never exists")
	}
}

func (b *demoBuilder) types() {
	for n := range demoTypes {
		i, _ := b.pick(codeType)
		if n%3 == 2 {
			b.set(i, "active", []string{`"yes"`, `"true"`}[n/3%2])
			continue
		}
		b.set(i, "age", fmt.Sprintf(`"%d"`, 20+b.rng.IntN(50)))
	}
}

func (b *demoBuilder) size() {
	for range demoLarge {
		i, _ := b.pick(codeSize)
		long := strings.Repeat("Led the migration of the regional archive. ", 13+b.rng.IntN(10))
		b.set(i, "bio", string(quote(strings.TrimSpace(long))))
	}
}

// keys reuses idempotency keys that belong to stored items, and gives some
// sound items keys of their own.
func (b *demoBuilder) keys() {
	for n := range demoKeys {
		i, id := b.pick(codeIdempotency)
		key := fmt.Sprintf("signup-%08x", b.rng.Uint32())
		b.store(fmt.Sprintf("signup-%02d", n+1), fmt.Sprintf("signup%02d@example.com", n+1), b.get(i, "name"), key)
		b.set(i, "idempotency_key", string(quote(key)))
		b.demo.NewKey = append(b.demo.NewKey, id)
	}
	slices.Sort(b.demo.NewKey)
	for _, i := range b.order[len(b.order)-demoKeyedGood:] {
		b.set(i, "idempotency_key", string(quote(fmt.Sprintf("signup-%08x", b.rng.Uint32()))))
	}
}

func (b *demoBuilder) backend() {
	for n := range demoBackend {
		_, id := b.pick(codeUpstream)
		f := ItemFault{ID: id, Status: 503, Times: 1}
		if n%3 == 2 {
			f.Status = 500
		}
		b.demo.Options.ItemFaults = append(b.demo.Options.ItemFaults, f)
	}
}

func (b *demoBuilder) timeout() {
	for n := range demoTimeouts {
		_, id := b.pick(codeTimeout)
		landed := n < demoLanded
		b.demo.Options.ItemFaults = append(b.demo.Options.ItemFaults, ItemFault{ID: id, Status: 504, Times: 1, Landed: landed})
		if landed {
			b.demo.Landed = append(b.demo.Landed, id)
		}
	}
	slices.Sort(b.demo.Landed)
}
