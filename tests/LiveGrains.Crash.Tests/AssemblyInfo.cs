// Each test keeps several processes busy; more of them at once would only wait for each other.
[assembly: CollectionBehavior(MaxParallelThreads = 2)]
