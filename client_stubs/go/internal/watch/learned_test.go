package watch

import (
	"strconv"
	"testing"
)

func TestOnlySoManyMethodsAreRemembered(t *testing.T) {
	told := &Told{}
	told.set("", &State{Generation: 5})
	for i := range maxLearned + 1 {
		told.Learn(strconv.Itoa(i), 4)
	}
	told.Learn("0", 5) // known, so it can change
	told.Learn(strconv.Itoa(maxLearned), 5)
	if told.Find("0") == nil || told.Find("1") != nil || told.Find(strconv.Itoa(maxLearned)) != nil {
		t.Error("the first has the breaker's generation, the second another, the last is not remembered")
	}
	told.clear()
	told.set("", &State{Generation: 5})
	if told.Find("0") != nil {
		t.Error("it was not forgotten")
	}
	told.set("", &State{})
	if told.Find("0") != nil {
		t.Error("no generation is not the generation 0")
	}
}
