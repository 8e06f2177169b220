package dialect

import (
	"strings"
	"unicode"
)

// veiled leaves of a message that may hold a person's data no more than its
// wording: known words, and the marks between them. A name looks like any other
// word, so a word that is not known is not shown, nor is what stands in quotes, nor
// any number.
func veiled(message string) string {
	var v veil
	for rest := message; rest != ""; {
		word := wordOf(rest)
		if word == "" {
			r := []rune(rest[:min(len(rest), 4)])[0]
			rest = rest[len(string(r)):]
			v.mark(r)
			continue
		}
		rest = rest[len(word):]
		v.word(word)
	}
	return v.b.String()
}

// wordOf is the word that a text begins with, "" = it begins with something else.
// A mark as in don't is part of a word.
func wordOf(s string) string {
	end := 0
	for i, r := range s {
		letter := unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
		if inner := r == '\'' && i > 0 && i+1 < len(s) && (s[i+1]|0x20 >= 'a' && s[i+1]|0x20 <= 'z' || s[i+1] >= 0x80); !letter && !inner {
			break
		}
		end = i + len(string(r))
	}
	return s[:end]
}

// veil writes a message without what is not shown.
type veil struct {
	b      strings.Builder
	quote  rune   // that is open, 0 = none
	hidden string // what stands for the word before, "" = it is shown
	gap    string // marks since then
}

func (v *veil) mark(r rune) {
	switch {
	case v.quote != 0 && r != v.quote:
	case v.quote != 0:
		v.quote = 0
		v.b.WriteRune(r)
	case r == '"' || r == '\'':
		v.show("")
		v.quote = r
		v.b.WriteString(string(r) + "…")
	case v.hidden != "":
		v.gap += string(r)
	default:
		v.b.WriteRune(r)
	}
}

func (v *veil) word(w string) {
	shown := ""
	switch {
	case v.quote != 0:
		return
	case areDigits(w):
		shown = "#"
	case isHarmless(w):
		v.show(w)
		return
	default:
		shown = "…"
	}
	if shown == v.hidden && strings.Trim(v.gap, " -") == "" {
		v.gap = "" // several in a row are one
		return
	}
	v.show(shown)
	v.hidden = shown
}

// show writes what was held back, and a word.
func (v *veil) show(w string) {
	v.b.WriteString(v.gap + w)
	v.gap, v.hidden = "", ""
}

func areDigits(w string) bool { return strings.Trim(w, "0123456789") == "" }

// isHarmless says whether a word is one that says what is wrong, and of nobody.
func isHarmless(w string) bool {
	return harmless[w] || len(w) > 1 && harmless[strings.ToLower(w[:1])+w[1:]] && opening[w]
}

func setOf(words string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}

// opening are words that are shown with a capital, too: no name is among them.
var opening = setOf(`A An Any At Cannot Could Conditional Constraint Could Does Duplicate Element Error Expected Failed Found Internal
	Invalid It Malformed Missing Multiple Must No None Not Only Operation Profile Reference Required Resource Resources Server Some
	Text The This Transaction Unable Unexpected Unknown Unrecognized Unsupported Validation Value Version`)

// harmless are the words that messages about resources are made of: those of
// English that say what is wrong, and the names of FHIR's resources.
var harmless = setOf(`a about above access accept accepted after all allowed already also an and another any are array as at attribute
	authorized available base bad batch be because been before below between body born boolean both but by can cannot canonical cardinality change
	changed characters choice client code codes coding collection column conditional conditions conflict constraint constraints contain contained
	contains content could create created current data date day decimal default defined delete deleted dependency did does doesn't don't duplicate
	duplicated duplicates each either element elements empty ending entity entry enough equal error errors exceeded exceeds exactly exception exist existing
	exists expected expired extension failed failure field fields first for forbidden form format found from function given greater had handle has
	have header id identifier identifiers if ignored in incomplete incorrect index input instance instant instead integer internal into invalid is
	isn't it item items its json key keys kind known large larger last least length less limit list literal local locked logical long longer lookup
	malformed many match matched matches matching maximum member message method minimum missing mode modified more most multiple must name
	needed needs neither new no none nor not null number object observed occurred odd of on one only operation optional or order other out outside over own
	parameter parameters parse parsed parsing part parent path pattern permission permitted policy position possible precondition present previous primitive
	problem process processed processing profile profiles property provided provider query range read received reason record records reference referenced
	references referential refused rejected repeat repeated repeating request requested requests require required requires resolve resolved
	resource resources response result results rule rules same save scope search section server set several short should since single size
	slice slices some source specified start state status storage string strings structure such support supported syntax system target text than that the
	their them then there these they this those throttled time timeout to token too transaction try tried type types unable undefined unexpected
	unique unit unknown unrecognized unresolved unsupported until update updated url uri use used user uses using valid validate validated validation value values
	version versions was were when where which while with within without write written wrong xml yet
	CodeSystem ValueSet StructureDefinition OperationOutcome Bundle Patient Practitioner PractitionerRole Organization Observation Encounter Condition
	Procedure Medication MedicationRequest MedicationStatement MedicationAdministration AllergyIntolerance DiagnosticReport Immunization CarePlan
	CareTeam Appointment Claim ClaimResponse Consent Coverage Device DocumentReference Goal Location QuestionnaireResponse
	Questionnaire RelatedPerson ServiceRequest Specimen Task Composition FHIR HAPI JSON XML HTTP URL URI ID UUID SSN MRN`)
