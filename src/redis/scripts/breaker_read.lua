-- Answers a breaker's record and its evidence.
-- Returns the record, the evidence's generation, its sum, now in microseconds.
load()
expire()
save()
return answer()
