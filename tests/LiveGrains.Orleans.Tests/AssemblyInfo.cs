// Each test has several processes, and the machine's cores are what they compete for.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
