package screen

func openPlan(sc *Scene, items []int) []Effect {
	return []Effect{Say{"The plan screen is being built."}}
}
func openLive(sc *Scene) []Effect { return []Effect{Say{"The run screen is being built."}} }
func openVerify(sc *Scene, items []int) []Effect {
	return []Effect{Say{"The verify screen is being built."}}
}
