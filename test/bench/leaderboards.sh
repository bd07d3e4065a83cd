measure_leaderboards() { :; }
