using System.Runtime.InteropServices;
using System.Text;

namespace LiveGrains.Core;

internal sealed partial class TrafficLedger
{
    private TrafficLedger() => Policy = new TrafficPolicy();

    /// <summary>Writes the ledger; equal ledgers write equal bytes.</summary>
    public void Save(IStateSink sink)
    {
        PutBytes(sink, TrafficPolicyJson.Write(Policy));
        sink.Put(Version);
        sink.Put(_second);
        sink.Put(_pending);
        sink.Put(_total);
        sink.Put(_rate);
        sink.Put(_rateWeight);
        sink.Put(_lastSecond);
        sink.Put(_nextEndMs);
        _demand.Save(sink);
        foreach (var rule in _rules)
        {
            sink.Write(MemoryMarshal.AsBytes<long>([rule.WindowStartMs, rule.Seen, rule.SeenBefore, rule.Kept, rule.Missed, rule.Delivered]));
            sink.Write(MemoryMarshal.AsBytes<double>([rule.PriorPrice, rule.Level, rule.Shortfall, rule.Cost]));
        }

        sink.Put(_groups.Count);
        foreach (var group in _groups)
        {
            sink.Put(group.Kind);
            PutBytes(sink, Encoding.UTF8.GetBytes(group.Key));
            sink.Write(MemoryMarshal.AsBytes<long>([group.Live, group.Lifetime, group.Pending]));
            sink.Put(group.Lines.Count);
            foreach (var line in group.Lines)
            {
                sink.Write(MemoryMarshal.AsBytes<long>([line.Rule, line.FromMs, line.UntilMs, line.Delivered, line.Seen]));
                sink.Write(MemoryMarshal.AsBytes<double>([line.Evidence, line.Recent, line.Price]));
            }
        }

        sink.Put(_itemCount);
        foreach (var item in _items.AsSpan(0, _itemCount))
        {
            sink.Write(MemoryMarshal.AsBytes<int>([(int)item.Item, item.Own, item.Host, item.Category]));
            sink.Put(_live.Contains(item.Item));
        }
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    public static TrafficLedger Load(IStateSource source)
    {
        var ledger = new TrafficLedger();
        ledger.Read(source);
        return ledger;
    }

    private void Read(IStateSource source)
    {
        var policy = TrafficPolicyJson.Read(TakeBytes(source));
        var version = source.Take<long>();
        _second = source.Take<long>();
        Replace(policy, version);
        _pending = source.Take<long>();
        _total = source.Take<long>();
        _rate = source.Take<double>();
        _rateWeight = source.Take<double>();
        _lastSecond = source.Take<long>();
        _nextEndMs = source.Take<long>();
        _demand.Load(source);
        foreach (var rule in _rules)
        {
            rule.WindowStartMs = source.Take<long>();
            rule.Seen = source.Take<long>();
            rule.SeenBefore = source.Take<long>();
            rule.Kept = source.Take<long>();
            rule.Missed = source.Take<long>();
            rule.Delivered = source.Take<long>();
            rule.PriorPrice = source.Take<double>();
            rule.Level = source.Take<double>();
            rule.Shortfall = source.Take<double>();
            rule.Cost = source.Take<double>();
        }

        for (var left = source.Take<int>(); left > 0; left--) ReadGroup(source);
        _itemCount = source.Take<int>();
        _items = new TrafficItem[Math.Max(64, _itemCount)];
        _changedAt = new long[_items.Length];
        for (var i = 0; i < _itemCount; i++)
        {
            _items[i] = new TrafficItem((uint)source.Take<int>(), source.Take<int>(), source.Take<int>(), source.Take<int>());
            _places[_items[i].Item] = i;
            if (source.Take<bool>()) _live.Add(_items[i].Item);
        }
    }

    private void ReadGroup(IStateSource source)
    {
        var number = _groups.Count;
        var group = new PricedGroup { Kind = source.Take<PricedGroupKind>(), Key = Encoding.UTF8.GetString(TakeBytes(source)) };
        _groups.Add(group);
        _numbers[(group.Kind, group.Key)] = number;
        group.Live = (int)source.Take<long>();
        group.Lifetime = source.Take<long>();
        group.Pending = source.Take<long>();
        if (group.Live > 0) _liveGroups[(int)group.Kind]++;
        if (group.Pending > 0) _changed.Add(number);
        for (var left = source.Take<int>(); left > 0; left--)
        {
            group.Lines.Add(new TrafficLine
            {
                Rule = (int)source.Take<long>(),
                Group = number,
                FromMs = source.Take<long>(),
                UntilMs = source.Take<long>(),
                Delivered = source.Take<long>(),
                Seen = source.Take<long>(),
                Evidence = source.Take<double>(),
                Recent = source.Take<double>(),
                Price = source.Take<double>(),
            });
        }
    }

    private static void PutBytes(IStateSink sink, byte[] bytes)
    {
        sink.Put(bytes.Length);
        sink.Write(bytes);
    }

    private static byte[] TakeBytes(IStateSource source)
    {
        var length = source.Take<int>();
        if (length is < 0 or > TrafficPolicyJson.MaxBytes) throw new InvalidDataException("A length in the ledger of traffic is wrong.");
        var bytes = new byte[length];
        source.Read(bytes);
        return bytes;
    }
}
