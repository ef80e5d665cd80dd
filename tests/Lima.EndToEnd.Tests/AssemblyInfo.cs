// Real VMs on few processors: one test at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
