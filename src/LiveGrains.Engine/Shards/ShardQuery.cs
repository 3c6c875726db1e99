using LiveGrains.Core;

namespace LiveGrains.Engine.Shards;

/// <summary>A question that a shard's thread answers between two blocks.</summary>
internal abstract class ShardQuery
{
    /// <summary>Answers from the tables; the clock is already where the answer should be.</summary>
    public abstract void Run(ShardState state);

    /// <summary>There will be no answer.</summary>
    public abstract void Fail(Exception error);
}

/// <summary>A question with an answer of a type.</summary>
internal sealed class ShardQuery<T>(Func<ShardState, T> read) : ShardQuery
{
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The answer.</summary>
    public Task<T> Answer => _answer.Task;

    /// <inheritdoc/>
    public override void Run(ShardState state)
    {
        T answer;
        try
        {
            answer = read(state);
        }
        catch (Exception e)
        {
            // Reading changes nothing: what goes wrong in an answer is the asker's to know, and no reason to end the shard.
            _answer.SetException(e);
            return;
        }

        _answer.SetResult(answer);
    }

    /// <inheritdoc/>
    public override void Fail(Exception error) => _answer.TrySetException(error);
}
