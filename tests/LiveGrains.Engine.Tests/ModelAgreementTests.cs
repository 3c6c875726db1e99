
using LiveGrains.Model;
using LiveGrains.Tests;

namespace LiveGrains.Engine.Tests;

/// <summary>The engine answers what the independent model answers, on streams made to collide.</summary>
public class ModelAgreementTests
{
    public static TheoryData<int, int> Seeds()
    {
        var data = new TheoryData<int, int>();
        for (var seed = 1; seed <= 24; seed++) data.Add(seed, seed % 3 == 0 ? 3 : 1);
        return data;
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Engine_and_model_agree_on_everything_with_the_event_clock(int seed, int shards)
    {
        var generator = new EventGenerator((ulong)seed, new GeneratorOptions
        {
            Channels = seed % 4 == 0 ? 40 : 6,
            Rooms = seed % 5 == 0 ? 1 : 4,
            InvalidShare = seed % 2 == 0 ? 0.05 : 0,
            BothItems = seed % 7 == 0,
        });
        var model = new ModelEngine();
        var filter = new ModelEngine();
        await using var engine = await LiveGrainsEngine.OpenAsync(new EngineOptions { Clock = ClockMode.Event, Shards = shards, DedupeIds = 1 << 16 });
        var random = new SplitMix64((ulong)seed * 77);
        int accepted = 0, duplicates = 0, rejected = 0, expectedAccepted = 0, expectedDuplicates = 0, expectedRejected = 0;
        for (var sent = 0; sent < 4000;)
        {
            var batch = 1 + (int)(random.Next() % 120);
            var body = new MemoryStream();
            foreach (var line in generator.Lines(batch))
            {
                // With several shards each judges duplicates by the events that it gets, so another body under the same id can
                // be judged otherwise than by one shard; the same event again cannot.
                if (shards > 1 && filter.Apply(line).Outcome == ModelOutcome.Duplicate) continue;
                var verdict = model.Apply(line);
                body.Write(line);
                body.WriteByte((byte)'\n');
                if (verdict.Outcome == ModelOutcome.Accepted) expectedAccepted++;
                else if (verdict.Outcome == ModelOutcome.Duplicate) expectedDuplicates++;
                else expectedRejected++;
            }

            if (body.Length == 0) continue;
            var answer = await engine.IngestAsync(body.ToArray(), EventFormat.NdJson);
            accepted += answer.Accepted;
            duplicates += answer.Duplicates;
            rejected += answer.Rejected;
            sent += batch;
            if (random.Next() % 8 == 0) await engine.GetOverviewAsync();
        }

        Assert.Equal((expectedAccepted, expectedDuplicates, expectedRejected), (accepted, duplicates, rejected));
        Assert.Contains(model.UserIds, user => model.User(user)!["interest"]!["categories"]!.AsArray().Count > 1);
        var differences = await EngineComparison.Differences(engine, model);
        Assert.True(differences.Count == 0, $"seed {seed}, {differences.Count} differences:\n{string.Join('\n', differences.Take(30))}");
    }
}
