// CPU time of one operation inside this process, all its threads included.
const median = numbers => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

export async function measure(operation, {rounds, calls}) {
  await operation();
  const microseconds = [];
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    for (let call = 0; call < calls; call++) await operation();
    const {user, system} = process.cpuUsage(before);
    microseconds.push((user + system) / calls);
  }
  return median(microseconds);
}
