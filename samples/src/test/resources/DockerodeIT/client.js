// What people do with dockerode, on the engine that DOCKER_HOST names; NODE_PATH has the library: node --test client.js
'use strict';
const { test } = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { PassThrough, Writable } = require('node:stream');
const { once } = require('node:events');
const Docker = require('dockerode');
const tar = require(require.resolve('tar-fs', { paths: [require.resolve('dockerode')] }));

const REGISTRY = process.env.REGISTRY || '127.0.0.1:5000';
const docker = new Docker();
const IDLE = ['sh', '-c', "trap 'exit 0' TERM; while :; do sleep 0.05; done"];

/** Takes what is written to it; text() is all of it. */
function sink() {
  const chunks = [];
  const stream = new Writable({
    write(chunk, _, done) {
      chunks.push(chunk);
      done();
    },
  });
  stream.text = () => Buffer.concat(chunks.map((chunk) => Buffer.from(chunk))).toString();
  return stream;
}

async function started(t, options = {}) {
  const container = await docker.createContainer({ Image: 'busybox', Cmd: IDLE, ...options });
  t.after(() => container.remove({ force: true, v: true }).catch(() => {}));
  await container.start();
  return container;
}

const followed = (stream, onProgress) =>
  new Promise((resolve, reject) =>
    docker.modem.followProgress(stream, (error, output) => (error ? reject(error) : resolve(output)), onProgress));

async function refused(statusCode, text, promise) {
  await assert.rejects(promise, (error) => {
    assert.equal(error.statusCode, statusCode, error.message);
    assert.match(error.message, text);
    return true;
  });
}

test('run shows a terminal’s output', async () => {
  const out = sink();
  const [data, container] = await docker.run('busybox', ['sh', '-c', 'tty; exit 3'], out, { HostConfig: { AutoRemove: true } });
  assert.equal(data.StatusCode, 3);
  assert.equal(out.text(), '/dev/pts/0\r\n');
  assert.ok(container.id);
});

test('run keeps both streams apart, by callbacks too', async () => {
  const [out, err] = [sink(), sink()];
  const [data, container] = await docker.run('busybox', ['sh', '-c', 'echo out; echo err >&2'], [out, err], { Tty: false });
  assert.deepEqual([data.StatusCode, out.text(), err.text()], [0, 'out\n', 'err\n']);
  await container.remove();
  const seen = [];
  await new Promise((resolve, reject) => {
    docker
      .run('busybox', ['true'], null, { HostConfig: { AutoRemove: true } }, (error, facts) => (error ? reject(error) : resolve(facts)))
      .on('container', () => seen.push('container'))
      .on('stream', () => seen.push('stream'))
      .on('start', () => seen.push('start'))
      .on('data', () => seen.push('data'));
  });
  assert.deepEqual(seen, ['container', 'stream', 'start', 'data']);
});

test('attach takes input and its end by hijack', async (t) => {
  const container = await docker.createContainer({
    Image: 'busybox', Cmd: ['sh', '-c', 'cat; echo ended >&2'], OpenStdin: true, StdinOnce: true, AttachStdin: true,
  });
  t.after(() => container.remove({ force: true }));
  const stream = await container.attach({ stream: true, stdin: true, stdout: true, stderr: true, hijack: true });
  const [out, err] = [sink(), sink()];
  container.modem.demuxStream(stream, out, err);
  await container.start();
  stream.write('typed\n');
  stream.end('more\n');
  await once(stream, 'end');
  assert.equal((await container.wait()).StatusCode, 0);
  assert.deepEqual([out.text(), err.text()], ['typed\nmore\n', 'ended\n']);
});

test('an attach without hijack reads', async (t) => {
  const container = await docker.createContainer({ Image: 'busybox', Cmd: ['echo', 'read'] });
  t.after(() => container.remove({ force: true }));
  const stream = await container.attach({ stream: true, stdout: true, stderr: true });
  const out = sink();
  container.modem.demuxStream(stream, out, out);
  await container.start();
  await once(stream, 'end');
  assert.equal(out.text(), 'read\n');
});

test('exec with hijack, without, and detached', async (t) => {
  const container = await started(t);
  let exec = await container.exec({ Cmd: ['sh', '-c', 'cat; echo err >&2; exit 5'], AttachStdin: true, AttachStdout: true, AttachStderr: true });
  let stream = await exec.start({ hijack: true, stdin: true });
  const [out, err] = [sink(), sink()];
  docker.modem.demuxStream(stream, out, err);
  stream.end('typed\n');
  await once(stream, 'end');
  assert.deepEqual([out.text(), err.text()], ['typed\n', 'err\n']);
  const facts = await exec.inspect();
  assert.deepEqual([facts.ExitCode, facts.Running, facts.ContainerID], [5, false, container.id]);

  exec = await container.exec({ Cmd: ['tty'], Tty: true, AttachStdout: true, Env: ['A=b'], WorkingDir: '/tmp', User: '1' });
  stream = await exec.start({ Tty: true });
  const raw = sink();
  stream.pipe(raw);
  await once(stream, 'end');
  assert.equal(raw.text(), '/dev/pts/0\r\n');

  exec = await container.exec({ Cmd: ['touch', '/made'] });
  await exec.start({ Detach: true });
  exec = await container.exec({ Cmd: ['sleep', '1000'], Tty: true, AttachStdin: true, AttachStdout: true });
  stream = await exec.start({ hijack: true, stdin: true, Tty: true });
  await exec.resize({ h: 30, w: 90 });
  stream.destroy();
  await refused(404, /No such exec instance/, docker.getExec('nosuch').inspect());
});

test('logs are followed and given at once', async (t) => {
  const container = await started(t, { Cmd: ['sh', '-c', 'for i in 1 2 3; do echo $i; sleep 0.1; done'] });
  const [out, err] = [sink(), sink()];
  const stream = await container.logs({ follow: true, stdout: true, stderr: true });
  container.modem.demuxStream(stream, out, err);
  await once(stream, 'end');
  assert.equal(out.text(), '1\n2\n3\n');
  const all = await container.logs({ stdout: true, tail: 1, timestamps: true });
  assert.match(all.subarray(8).toString(), /^\d{4}-.*Z 3\n$/);
});

test('a build shows its progress', async (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dockerode-'));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  fs.writeFileSync(path.join(folder, 'Dockerfile'), 'FROM busybox\nARG WHO\nCOPY <<A some /\n$WHO\nA\nRUN --mount=type=cache,target=/c cat /A /some >/all\nCMD ["cat", "/all"]\n');
  fs.writeFileSync(path.join(folder, 'some'), 'text\n');
  fs.writeFileSync(path.join(folder, 'left'), 'text\n');
  fs.writeFileSync(path.join(folder, '.dockerignore'), 'left\n');
  const stream = await docker.buildImage({ context: folder, src: ['Dockerfile', 'some', 'left'] }, { t: 'node:built', buildargs: { WHO: 'node' }, labels: { a: 'b' } });
  const seen = [];
  const lines = await followed(stream, (line) => seen.push(line));
  assert.deepEqual(seen, lines);
  assert.ok(lines.some((line) => line.aux && line.aux.ID.startsWith('sha256:')));
  assert.match(lines.map((line) => line.stream || '').join(''), /Successfully tagged node:built/);
  const out = sink();
  const [, container] = await docker.run('node:built', [], out);
  assert.equal(out.text(), 'node\r\ntext\r\n');
  await container.remove();
  assert.deepEqual((await docker.getImage('node:built').inspect()).Config.Labels, { a: 'b' });
  await docker.getImage('node:built').remove();
  fs.writeFileSync(path.join(folder, 'Dockerfile'), 'FROM busybox\nRUN exit 4\n');
  const failed = await followed(await docker.buildImage(tar.pack(folder), { t: 'node:failed' })).catch((error) => [{ error: error.message }]);
  assert.match(failed.at(-1).error, /exit code: 4/);
});

test('images are pulled, pushed, saved and loaded', async () => {
  await followed(await docker.pull('busybox:latest'));
  const image = docker.getImage('busybox');
  await image.tag({ repo: REGISTRY + '/node', tag: '1' });
  const pushed = await followed(await docker.getImage(REGISTRY + '/node:1').push());
  assert.ok(pushed.some((line) => line.aux && line.aux.Tag === '1'));
  const archive = new PassThrough();
  (await docker.getImage(REGISTRY + '/node:1').get()).pipe(archive);
  const parts = [];
  for await (const part of archive) parts.push(part);
  await docker.getImage(REGISTRY + '/node:1').remove();
  const loaded = await followed(await docker.loadImage(PassThrough.from([Buffer.concat(parts)], { objectMode: false })));
  assert.match(loaded.map((line) => line.stream || '').join(''), new RegExp(`Loaded image: ${REGISTRY}/node:1`));
  assert.ok((await docker.getImage(REGISTRY + '/node:1').history()).length > 0);
  assert.ok((await docker.getImage(REGISTRY + '/node:1').distribution()).Descriptor.digest.startsWith('sha256:'));
  await docker.getImage(REGISTRY + '/node:1').remove();
  await refused(404, /No such image: nosuch/, docker.getImage('nosuch').inspect());
  await refused(404, /manifest unknown/, docker.pull(REGISTRY + '/nosuch:1'));
});

test('files go in and out', async (t) => {
  const container = await started(t);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dockerode-'));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  fs.writeFileSync(path.join(folder, 'a'), 'text');
  await container.putArchive(tar.pack(folder), { path: '/tmp' });
  const back = path.join(folder, 'back');
  const out = (await container.getArchive({ path: '/tmp/a' })).pipe(tar.extract(back));
  await once(out, 'finish');
  assert.equal(fs.readFileSync(path.join(back, 'a'), 'utf8'), 'text');
  const facts = await container.infoArchive({ path: '/tmp/a' });
  assert.equal(JSON.parse(Buffer.from(facts.headers['x-docker-container-path-stat'], 'base64')).size, 4);
  facts.resume?.();
  await refused(404, /Could not find the file/, container.getArchive({ path: '/nosuch' }));
});

test('events and statistics come as they happen', async (t) => {
  const events = await docker.getEvents({ filters: { type: ['container'], label: ['node=events'] } });
  const seen = [];
  const all = new Promise((resolve) =>
    events.on('data', (chunk) => {
      for (const line of chunk.toString().split('\n').filter(Boolean)) seen.push(JSON.parse(line).Action);
      if (seen.includes('die')) resolve();
    }));
  const container = await started(t, { Labels: { node: 'events' } });
  const numbers = await container.stats({ stream: false });
  assert.equal(numbers.id, container.id);
  const stream = await container.stats({ stream: true });
  const [first] = await once(stream, 'data');
  assert.ok(JSON.parse(first).memory_stats.usage > 0);
  stream.destroy();
  await container.stop({ t: 5 });
  await all;
  events.destroy();
  assert.deepEqual(seen.filter((action) => !['kill', 'stop'].includes(action)), ['create', 'start', 'die']);
});

test('networks and volumes', async (t) => {
  const network = await docker.createNetwork({ Name: 'node-net', CheckDuplicate: true, IPAM: { Config: [{ Subnet: '10.97.0.0/24' }] } });
  const volume = await docker.createVolume({ Name: 'node-volume', Labels: { k: 'v' } });
  const container = await started(t, {
    HostConfig: { Binds: [(volume.name || volume.Name) + ':/data'], PortBindings: { '80/tcp': [{ HostPort: '' }] } }, ExposedPorts: { '80/tcp': {} },
  });
  await network.connect({ Container: container.id, EndpointConfig: { Aliases: ['other'], IPAMConfig: { IPv4Address: '10.97.0.9' } } });
  const facts = await container.inspect();
  assert.equal(facts.NetworkSettings.Networks['node-net'].IPAddress, '10.97.0.9');
  assert.ok(Number(facts.NetworkSettings.Ports['80/tcp'][0].HostPort) > 0);
  assert.equal((await network.inspect()).Containers[container.id].IPv4Address, '10.97.0.9/24');
  assert.equal((await docker.listContainers({ filters: { network: ['node-net'] } })).length, 1);
  await network.disconnect({ Container: container.id, Force: true });
  await container.remove({ force: true });
  await network.remove();
  await docker.getVolume('node-volume').remove();
  await refused(404, /no such volume/, docker.getVolume('node-volume').inspect());
  await refused(404, /network node-net not found/, docker.getNetwork('node-net').inspect());
  assert.deepEqual((await docker.listVolumes({ filters: { label: ['k=v'] } })).Volumes || [], []);
});

test('the rest of a container', async (t) => {
  const container = await started(t, { name: 'node-one' });
  assert.equal((await container.top({ ps_args: '-ef' })).Titles[0], 'UID');
  await container.pause();
  assert.equal((await container.inspect()).State.Status, 'paused');
  await container.unpause();
  await container.rename({ name: 'node-two' });
  await container.update({ Memory: 100 << 20, MemorySwap: -1 });
  await container.resize({ h: 30, w: 90 }).catch((error) => assert.match(error.message, /tty|terminal|not/i));
  await container.exec({ Cmd: ['touch', '/new'] }).then((exec) => exec.start({})).then((stream) => once(stream.resume(), 'end'));
  assert.deepEqual(await container.changes(), [{ Path: '/new', Kind: 1 }]);
  const image = await container.commit({ repo: 'node', tag: 'committed' });
  assert.ok(image.Id.startsWith('sha256:'));
  await docker.getImage('node:committed').remove();
  await container.restart({ t: 1 });
  await refused(304, /.*/, container.start()).catch((error) => assert.equal(error.code ?? error.statusCode, 'ERR_ASSERTION'));
  await container.kill({ signal: 'KILL' });
  await container.wait();
  await refused(409, /is not running/, container.kill());
  await container.remove();
  await refused(404, /No such container: node-two/, docker.getContainer('node-two').inspect());
  await refused(409, /already in use/, (async () => {
    await started(t, { name: 'node-same' });
    await started(t, { name: 'node-same' });
  })());
});

test('the engine', async () => {
  assert.equal((await docker.ping()).toString(), 'OK');
  assert.equal((await docker.version()).Os, 'linux');
  assert.ok((await docker.info()).NCPU > 0);
  assert.ok(Array.isArray((await docker.df()).Images));
  await refused(503, /not a swarm manager/, docker.listNodes());
  await refused(503, /not a swarm manager/, docker.swarmInspect());
  assert.ok('SpaceReclaimed' in (await docker.pruneContainers()));
  assert.ok('SpaceReclaimed' in (await docker.pruneImages({ filters: { dangling: ['true'] } })));
  const old = new Docker({ version: 'v1.35' });
  assert.ok((await old.listImages()).length > 0);
});

test('an abort ends a wait', async (t) => {
  const container = await started(t);
  const abort = new AbortController();
  const waiting = container.wait({ abortSignal: abort.signal });
  setTimeout(() => abort.abort(), 100);
  await assert.rejects(waiting);
});
