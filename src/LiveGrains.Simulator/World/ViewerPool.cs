namespace LiveGrains.Simulator.World;

/// <summary>The users on the platform now, each at most once, so there are never more places than users.</summary>
/// <param name="users">All users.</param>
/// <param name="queue">Takes what the viewers do next.</param>
/// <param name="isCrowded">True: a user may be there several times.</param>
internal sealed class ViewerPool(UserPopulation users, DueQueue queue, bool isCrowded = false)
{
    private ViewerState[] _states = new ViewerState[1024];
    private int _free = -1;
    private int _used;

    /// <summary>Valid until the next <see cref="Start"/>.</summary>
    public ref ViewerState this[int viewer] => ref _states[viewer];

    /// <summary>
    /// Puts a user on the platform at <paramref name="dueMs"/>, on the way to a room or, with −1, without one. Does nothing
    /// when the user is there already.
    /// </summary>
    public void Start(int user, long dueMs, int room, Channel channel)
    {
        if (!isCrowded && !users.TryOccupy(user))
            return;
        int viewer;
        if (_free >= 0)
        {
            viewer = _free;
            _free = _states[viewer].Room;
        }
        else
        {
            if (_used == _states.Length)
                Array.Resize(ref _states, _used * 2);
            viewer = _used++;
        }

        ref var state = ref _states[viewer];
        state = default;
        state.User = user;
        state.Room = room;
        state.LastRoom = -1;
        state.Channel = channel;
        state.Traits = users.Traits(user);
        queue.Add(dueMs, viewer);
    }

    /// <summary>Takes a viewer off the platform.</summary>
    public void Release(int viewer)
    {
        ref var state = ref _states[viewer];
        if (!isCrowded)
            users.Vacate(state.User);
        state.Room = _free;
        _free = viewer;
    }
}
