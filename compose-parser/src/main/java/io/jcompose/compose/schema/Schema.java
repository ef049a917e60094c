package io.jcompose.compose.schema;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The keys of a compose file, their types, and the order in which Docker Compose prints them. Read
 * once from the table below; immutable.
 *
 * <p>Types: {@code str bool int num usec} (microseconds or a duration) {@code dur bytes} {@code
 * size} (bytes with a unit) {@code wbytes} (no fraction of a byte) {@code any}; {@code text} any
 * scalar as text; {@code cmd} and {@code test} commands; {@code sol} one text or a list; {@code kv}
 * {@code K=V} list or mapping, where a value may be missing; {@code lab} the same with an empty
 * text instead; {@code opts} a mapping to text; {@code hosts}; {@code [T]} a list and {@code {T}} a
 * mapping of T; else the name of an object. After the type, {@code ?} prints a value that is
 * present even when it is empty, {@code !} prints the key always.
 */
public final class Schema {
  private static final String TABLE =
      """
      root name:str services:{service}! networks:{network} volumes:{volume} secrets:{secret} configs:{config} models:{model} include:[include] version:any
      include path:sol project_directory:str env_file:sol
      service profiles:[str] annotations:lab attach:bool? build:build? develop:develop? blkio_config:blkio? cap_add:[str] cap_drop:[str] cgroup_parent:str cgroup:str cpu_count:int cpu_percent:int cpu_period:int cpu_quota:int cpu_rt_period:usec cpu_rt_runtime:usec cpus:num cpuset:str cpu_shares:int command:cmd! configs:[fileref] container_name:str credential_spec:credspec? depends_on:{dependency} deploy:deploy? device_cgroup_rules:[str] devices:[device] dns:sol dns_opt:[str] dns_search:sol domainname:str entrypoint:cmd! provider:provider? environment:kv env_file:[envfile] expose:[text] extends:extends? external_links:[str] extra_hosts:hosts group_add:[text] gpus:[devreq] hostname:str healthcheck:healthcheck? image:str init:bool? ipc:str isolation:str labels:lab label_file:sol links:[str] logging:logging? mem_limit:bytes mem_reservation:bytes memswap_limit:bytes mem_swappiness:bytes mac_address:str models:{modeluse} network_mode:str networks:{attachment} oom_kill_disable:bool oom_score_adj:int pid:str pids_limit:int platform:str ports:[port] privileged:bool pull_policy:str pull_refresh_after:str read_only:bool restart:str runtime:str scale:int? secrets:[fileref] security_opt:[str] shm_size:bytes stdin_open:bool stop_grace_period:dur? stop_signal:str storage_opt:opts sysctls:lab tmpfs:sol tty:bool ulimits:{ulimit} use_api_socket:bool user:str userns_mode:str uts:str volumes:[mount] volumes_from:[str] working_dir:str pre_start:[prestart] post_start:[hook] pre_stop:[hook]
      build context:str dockerfile:str dockerfile_inline:str entitlements:[str] args:kv provenance:text sbom:text ssh:ssh labels:lab cache_from:[str] cache_to:[str] no_cache:bool no_cache_filter:sol additional_contexts:kv pull:bool extra_hosts:hosts isolation:str network:str target:str secrets:[fileref] shm_size:bytes tags:[str] ulimits:{ulimit} platforms:[str] privileged:bool
      develop watch:[trigger]
      trigger path:str action:str target:str exec:hook! include:sol ignore:sol initial_sync:bool
      hook command:cmd! user:str privileged:bool working_dir:str environment:kv
      prestart command:cmd! user:str privileged:bool working_dir:str environment:kv image:str per_replica:bool
      blkio weight:int weight_device:[weightdev] device_read_bps:[bpsdev] device_read_iops:[iopsdev] device_write_bps:[bpsdev] device_write_iops:[iopsdev]
      weightdev path:str weight:int
      bpsdev path:str rate:wbytes
      iopsdev path:str rate:wbytes
      fileref source:str target:str uid:str gid:str mode:mode?
      credspec config:str file:str registry:str
      dependency condition:str! restart:bool required:bool?
      deploy mode:str replicas:int? labels:lab update_config:update? rollback_config:update? resources:resources! restart_policy:restart? placement:placement! endpoint_mode:str
      resources limits:limits? reservations:reservations?
      limits cpus:num memory:size pids:int
      reservations cpus:num memory:size devices:[devreq] generic_resources:[generic]
      generic discrete_resource_spec:discrete?
      discrete kind:str value:int
      devreq capabilities:[str] driver:str count:count device_ids:[str] options:lab
      update parallelism:int? delay:dur failure_action:str monitor:dur max_failure_ratio:num order:str
      restart condition:str delay:dur? max_attempts:int? window:dur?
      placement constraints:[str] preferences:[spread] max_replicas_per_node:int
      spread spread:str
      device source:str target:str permissions:str
      provider type:str options:provopts
      envfile path:str required:bool? format:str
      extends service:str file:str
      healthcheck test:test timeout:dur? interval:dur? retries:int? start_period:dur? start_interval:dur? disable:bool
      logging driver:str options:opts
      modeluse endpoint_var:str model_var:str
      attachment aliases:[str] driver_opts:nopts gw_priority:int interface_name:str ipv4_address:str ipv6_address:str link_local_ips:[str] mac_address:str priority:int
      port name:str mode:str host_ip:str target:int published:text protocol:str app_protocol:str
      ulimit single:int soft:int hard:int
      mount type:str! source:str target:str read_only:bool consistency:str bind:bind? volume:volopts? tmpfs:tmpfsopts? image:imageopts?
      bind selinux:str propagation:str create_host_path:bool recursive:str
      volopts labels:lab nocopy:bool subpath:str
      tmpfsopts size:wbytes mode:perm
      imageopts subpath:str
      network name:str driver:str driver_opts:nopts ipam:ipam! external:bool internal:bool attachable:bool labels:lab enable_ipv4:bool? enable_ipv6:bool?
      ipam driver:str config:[pool] options:strs
      pool subnet:str gateway:str ip_range:str aux_addresses:strs
      volume name:str driver:str driver_opts:nopts external:bool labels:lab
      secret name:str file:str environment:str external:bool labels:lab driver:str driver_opts:nopts template_driver:str
      config name:str file:str environment:str content:str external:bool labels:lab template_driver:str
      model name:str model:str context_size:int runtime_flags:[str]
      """;

  public static final Schema COMPOSE = new Schema();

  /** What kind of value a type has. */
  public enum Kind {
    SCALAR,
    LIST,
    MAP,
    OBJECT
  }

  /**
   * A type.
   *
   * @param name of the scalar, or of the object, or of the element
   */
  public record ValueType(String name, Kind kind) {}

  /** A key of an object. */
  public record Field(String name, ValueType type, boolean always, boolean pointer) {}

  private final Map<String, Map<String, Field>> objects = new LinkedHashMap<>();

  private Schema() {
    TABLE
        .lines()
        .forEach(
            line -> {
              String[] words = line.split(" ");
              Map<String, Field> fields = LinkedHashMap.newLinkedHashMap(words.length);
              for (int i = 1; i < words.length; i++) {
                int colon = words[i].indexOf(':');
                String name = words[i].substring(0, colon);
                fields.put(name, field(name, words[i].substring(colon + 1)));
              }
              objects.put(words[0], fields);
            });
  }

  private static Field field(String name, String text) {
    boolean always = text.endsWith("!");
    boolean pointer = text.endsWith("?");
    String type = always || pointer ? text.substring(0, text.length() - 1) : text;
    return new Field(name, type(type), always, pointer);
  }

  private static ValueType type(String text) {
    char first = text.charAt(0);
    if (first == '[' || first == '{') {
      return new ValueType(
          text.substring(1, text.length() - 1), first == '[' ? Kind.LIST : Kind.MAP);
    }
    return new ValueType(text, isObject(text) ? Kind.OBJECT : Kind.SCALAR);
  }

  private static boolean isObject(String name) {
    return TABLE.startsWith(name + " ") || TABLE.contains("\n" + name + " ");
  }

  /** The element of a list or mapping, as a type. */
  public ValueType element(ValueType type) {
    return new ValueType(type.name(), objects.containsKey(type.name()) ? Kind.OBJECT : Kind.SCALAR);
  }

  /** The keys of an object by name, in order of printing. */
  public Map<String, Field> fields(String object) {
    Map<String, Field> found = objects.get(object);
    if (found == null) {
      throw new IllegalArgumentException(object);
    }
    return found;
  }

  /** The keys of all objects. */
  public Map<String, Map<String, Field>> objects() {
    return Collections.unmodifiableMap(objects);
  }

  @Nullable
  public Field field(ValueType object, String name) {
    return fields(object.name()).get(name);
  }
}
