namespace LiveGrains.Core;

/// <summary>Which groups lie within which: a forest over the rooms, of all groups that fit into one, the smallest first.</summary>
internal sealed class GroupNesting
{
    private GroupNesting(int[] roomParent, int[] groupParent, List<int> nested, List<int> overlapping) =>
        (RoomParent, GroupParent, Nested, Overlapping) = (roomParent, groupParent, nested, overlapping);

    /// <summary>The smallest nested group that holds each room; −1: none.</summary>
    public int[] RoomParent { get; }

    /// <summary>The next larger nested group around each nested group; −1: none.</summary>
    public int[] GroupParent { get; }

    /// <summary>Groups of the forest, from the smallest on.</summary>
    public List<int> Nested { get; }

    /// <summary>Groups that cut through another and are not in the forest.</summary>
    public List<int> Overlapping { get; }

    /// <summary>Finds the nesting. A group fits when the largest groups around its rooms so far hold no other rooms.</summary>
    public static GroupNesting Of(TrafficProblem problem)
    {
        var groups = problem.Groups;
        var (roomParent, groupParent, outermost) = (new int[problem.Rooms], new int[groups.Length], new int[problem.Rooms]);
        Array.Fill(roomParent, -1);
        Array.Fill(groupParent, -1);
        Array.Fill(outermost, -1);
        var (nested, overlapping, inside) = (new List<int>(), new List<int>(), new HashSet<int>());
        foreach (var g in Enumerable.Range(0, groups.Length).OrderBy(g => groups[g].Rooms.Length))
        {
            inside.Clear();
            var held = 0;
            foreach (var room in groups[g].Rooms)
            {
                if (outermost[room] < 0) held++;
                else if (inside.Add(outermost[room])) held += groups[outermost[room]].Rooms.Length;
            }
            if (held != groups[g].Rooms.Length)
            {
                overlapping.Add(g);
                continue;
            }
            nested.Add(g);
            foreach (var inner in inside) groupParent[inner] = g;
            foreach (var room in groups[g].Rooms)
            {
                if (roomParent[room] < 0) roomParent[room] = g;
                outermost[room] = g;
            }
        }
        return new GroupNesting(roomParent, groupParent, nested, overlapping);
    }
}
